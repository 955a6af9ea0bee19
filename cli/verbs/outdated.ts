import { readFileSync } from "node:fs";
import { findOutdated, type OutdatedPlugin } from "../../marketplace/install/outdated.ts";
import { rootFiles } from "../../marketplace/lock/root-files.ts";
import { readIntent } from "../../schemas/plugins-json.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { installedHere, warnAbout } from "../installed.ts";
import { NO_PLUGIN } from "../print/list-text.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin outdated`. */
export const verb: Verb = {
  name: "outdated",
  summary: "list plugins with newer versions",
  positionals: [],
  flags: [],
  about: [
    "`wanted` is the newest version that every range admits and what `plugin update` would install; `newest` is the newest of all.",
    "What commands of plugins start through `npx` and its like is locked as well, and told here when an update would move it.",
  ],
  examples: ["plugin outdated", "plugin outdated --scope project --json"],
  run: async (context) => {
    const { plugins, diagnostics } = await installedHere(context);
    await warnAbout(context, diagnostics);
    const engine = await context.engine();
    const roots = Map.groupBy(plugins, (installed) => installed.root);
    const outdated: (OutdatedPlugin & { readonly root: string })[] = [];
    for (const [root, installed] of roots) {
      const found = await findOutdated(
        installed.map(({ plugin }) => plugin),
        rangesOf(context, root),
        engine,
      );
      outdated.push(...found.map((one) => ({ ...one, root })));
    }
    engine.quiet();
    return {
      exit: EXIT.ok,
      data: { outdated, diagnostics },
      text: () => (plugins.length === 0 ? NO_PLUGIN : outdatedLines(outdated)),
    };
  },
};

/** What people wrote about a root: plugin id → range. */
function rangesOf(context: VerbContext, root: string): Readonly<Record<string, string>> {
  const home = homeOf(context.environment);
  const files = rootFiles(home, root === "user" ? { scope: "user" } : { scope: "project", directory: root });
  let text: string;
  try {
    text = readFileSync(files.intent, "utf8");
  } catch {
    // Without a file nobody wrote a range.
    return {};
  }
  const { plugins } = readIntent(text, files.intent);
  return Object.fromEntries(Object.entries(plugins).map(([id, plugin]) => [id, plugin.range]));
}

function outdatedLines(outdated: readonly OutdatedPlugin[]): readonly string[] {
  if (outdated.length === 0) return ["everything is as new as its source"];
  return columns([
    ["plugin", "installed", "wanted", "newest", ""].map(dim),
    ...outdated.map((one) => [bold(one.id), one.installed, one.wanted, one.newest, remarkOn(one)]),
  ]);
}

function remarkOn({ problem, renamedTo, movedTag, changed, launchers = [] }: OutdatedPlugin): string {
  const parts = [
    ...(problem === undefined ? [] : [problem]),
    ...(renamedTo === undefined ? [] : [`is now called \`${renamedTo}\``]),
    ...(movedTag === undefined ? [] : [`the tag \`${movedTag}\` was moved`]),
    ...(changed ? ["other bytes under the same version"] : []),
    ...launchers.map((one) =>
      one.wanted === undefined
        ? `it starts ${one.package}@${one.installed}: ${one.problem ?? ""}`
        : `it starts ${one.package}@${one.installed}, ${one.wanted} is out`,
    ),
  ];
  return parts.join(", ");
}
