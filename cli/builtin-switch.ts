import { homedir } from "node:os";
import { join } from "node:path";
import { openSettings } from "../core/settings/open-settings.ts";
import { openWorkspaceTrust } from "../core/trust/workspace-trust.ts";
import { openWorkspace } from "../core/trust/workspace.ts";
import { CodedError } from "../schemas/errors.ts";
import { nearest } from "../schemas/names.ts";
import { BUILTIN, isBuiltin } from "./builtin-word.ts";
import type { VerbContext } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { homeOf } from "./home.ts";
import { bold, green } from "./print/style.ts";
import { builtinManifests } from "./session/builtin-manifests.ts";
import type { VerbResult } from "./verb.ts";

const KEY = "enabledPlugins";

/**
 * Switches built-in plugins for the person: `enabledPlugins` in their own settings. Throws `E_PLUGIN_UNKNOWN` for a name that is
 * none, `E_SOURCE_BLOCKED` when the managed policy has decided.
 */
export async function switchBuiltins(context: VerbContext, words: readonly string[], on: boolean): Promise<VerbResult> {
  const ids = await knownBuiltins(context, words);
  const home = homeOf(context.environment);
  const now = (): Date => new Date();
  const workspace = openWorkspace({
    directory: context.cwd,
    homeDirectory: context.environment["HOME"] ?? homedir(),
    plugsmithHome: home.directory,
    environment: context.environment,
    trust: openWorkspaceTrust(join(home.state, "trust.json"), now),
    trustedForThisRun: false,
  });
  const { services } = await context.engine();
  const file = join(home.directory, "settings.json");
  const outcome = await services.exclusively(() => {
    const opened = openSettings({ workspace, flags: [], audit: services.audit, failed: () => undefined });
    try {
      const layers = opened.settings.layers(KEY);
      for (const id of ids) {
        const rule = layers.find(({ layer, value }) => layer === "managed" && switchOf(value, id) === !on);
        if (rule !== undefined) {
          throw new CodedError("E_SOURCE_BLOCKED", `\`${id}\` is switched by \`${KEY}\` in ${rule.file}`, {
            hint: "ask your administrator about the rule",
          });
        }
      }
      const own = layers.find(({ file: place }) => place === file)?.value;
      // A key that is absent means on, unless a weaker file of the person says otherwise.
      const isOn = (id: string): boolean =>
        layers
          .filter(({ layer }) => layer === "user")
          .map(({ value }) => switchOf(value, id))
          .find(isSet) ?? true;
      const changing = ids.filter((id) => isOn(id) !== on);
      if (changing.length === 0) return "nothing";
      if (context.options.dryRun) return "dry-run";
      const changed = Object.fromEntries(changing.map((id) => [id, on]));
      opened.settings.set("user", KEY, { ...(typeof own === "object" && own), ...changed });
      return "done";
    } finally {
      opened.dispose();
    }
  });
  const word = on ? "enabled" : "disabled";
  const texts = {
    nothing: ["nothing to do, everything is as asked"],
    "dry-run": ["dry run, nothing was changed"],
    done: [
      `${green("done:")} ${word} ${ids.map((id) => bold(id)).join(", ")} in ${file}`,
      ...(on
        ? []
        : [`  hint: \`plugin enable ${ids.join(" ")}\` takes that back; \`plugsmith boot\` shows what is missing`]),
    ],
  } as const;
  return { exit: EXIT.ok, data: { outcome, builtins: ids, file }, text: () => texts[outcome] };
}

async function knownBuiltins({ options }: VerbContext, words: readonly string[]): Promise<readonly string[]> {
  if (options.scope !== undefined && options.scope !== "user") {
    throw new CodedError("E_USAGE", `built-in plugins are switched for you, not with \`--scope ${options.scope}\``, {
      hint: `without \`--scope\`, or as \`${KEY}\` in the settings of the project`,
    });
  }
  const other = words.find((word) => !isBuiltin(word));
  if (other !== undefined) {
    throw new CodedError("E_USAGE", `\`${other}\` is not built in, and is switched in another way`, {
      hint: "switch built-in plugins with a command of their own",
    });
  }
  const known = Object.values(await builtinManifests()).map(({ name }) => `${name}@${BUILTIN}`);
  const unknown = words.find((word) => !known.includes(word));
  if (unknown === undefined) return [...new Set(words)];
  const guess = nearest(unknown, known);
  throw new CodedError("E_PLUGIN_UNKNOWN", `no built-in plugin is called \`${unknown}\``, {
    hint: guess === undefined ? "`plugsmith boot` lists them" : `did you mean \`${guess}\`?`,
  });
}

function switchOf(value: unknown, id: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, id)
    ? Object.entries(value).find(([key]) => key === id)?.[1]
    : undefined;
}

function isSet(value: unknown): value is boolean {
  return typeof value === "boolean";
}
