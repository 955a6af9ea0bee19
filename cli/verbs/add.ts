import { CodedError } from "../../schemas/errors.ts";
import { parsePluginSpec } from "../../schemas/plugin-spec.ts";
import type { PluginRequest } from "../../marketplace/install/change.ts";
import { performChange } from "../change.ts";
import { withNeededOptions } from "../config/after-install.ts";
import { homeOf } from "../home.ts";
import { installedIds } from "../installed-ids.ts";
import { absolutePath, kindAt } from "../path.ts";
import { targetOf } from "../target.ts";
import { namedReports, SARIF_FLAG } from "../sarif-flag.ts";
import { TRUST_FLAG } from "../strange-places.ts";
import { namedAgents, TO_FLAG } from "../to-flag.ts";
import type { Verb } from "../verb.ts";

/** `plugin add`. */
export const verb: Verb = {
  name: "add",
  summary: "install plugins with everything they need",
  positionals: [{ name: "plugin", required: true, variadic: true }],
  flags: [TO_FLAG, SARIF_FLAG, TRUST_FLAG],
  about: [
    "A plugin is `name`, `name@market`, `name@market@range`, or a path such as ./my-plugin. Nothing of it runs before you",
    "said yes to what it can execute; without a terminal that yes is `--accept <digest>`. Then you are asked for the options that it needs; without a terminal their commands are printed.",
  ],
  examples: [
    "plugin add release-notes@example",
    "plugin add 'git-facts@example@^1.2' --scope project",
    "plugin add ./my-plugin --dry-run",
    "plugin add ./my-plugin --sarif semgrep.sarif",
  ],
  run: async (context, args) => {
    const engine = await context.engine();
    const requests = args.positionals.map((text): PluginRequest => {
      const spec = parsePluginSpec(text, (name) => engine.catalogs.has(name));
      return "path" in spec ? { kind: "path", path: pluginFolder(spec.path, context.cwd) } : { kind: "named", ...spec };
    });
    refuseContradictions(requests);
    const target = targetOf(context, context.options.scope ?? "user", homeOf(context.environment));
    const before = installedIds(engine.services.home);
    const reports = await namedReports(args, context);
    const result = await performChange(
      context,
      target,
      { verb: "add", requests },
      {
        to: namedAgents(args),
        reports,
        args,
      },
    );
    return withNeededOptions(context, result, before);
  },
};

/** One plugin can have one range only. */
function refuseContradictions(requests: readonly PluginRequest[]): void {
  const ranges = new Map<string, string | undefined>();
  for (const request of requests) {
    if (request.kind === "path") continue;
    const { name, market, range } = request;
    const key = market === undefined ? name : `${name}@${market}`;
    if (ranges.has(key) && ranges.get(key) !== range) {
      throw new CodedError(
        "E_USAGE",
        `\`${key}\` is named twice, with ${[ranges.get(key), range].map(rangeText).join(" and ")}`,
        { hint: "name it once" },
      );
    }
    ranges.set(key, range);
  }
}

const rangeText = (range: string | undefined): string => (range === undefined ? "no range" : `the range \`${range}\``);

function pluginFolder(path: string, cwd: string): string {
  const found = kindAt(path, cwd);
  if (found === "directory") return absolutePath(path, cwd);
  throw new CodedError(
    "E_NOT_FOUND",
    `\`${path}\` ${found === "file" ? "is a file, not a folder" : "does not exist"}`,
    {
      hint: "name the folder that holds the plugin; a plugin of a marketplace is named `name@market`",
    },
  );
}
