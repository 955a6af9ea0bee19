import type { Contribution, HookContribution, PluginManifest } from "../plugin-manifest.ts";
import type { RefusedLauncher } from "./launcher-call.ts";
import { type LockableCall, readStart } from "./read-start.ts";
import { listedWords, shellLineWords } from "./shell-line.ts";

/** A command of a plugin that downloads what it starts. */
export interface LauncherUse {
  /** Who starts it, e.g. ``MCP server `docs` ``. */
  readonly component: string;
  readonly call: LockableCall | RefusedLauncher;
}

/** A launcher somewhere in a line that is more than one command. */
const SOMEWHERE =
  /(?:^|[\s;&|("'`])(?:npx|bunx|pnpx|(?:pnpm|yarn)\s+dlx|npm\s+(?:exec|x)|bun\s+x|(?:docker|podman)\s+(?:container\s+)?run|uvx|uv\s+tool\s+run|pipx\s+run)\s+[-@\w]/u;
const NAMED = /\b(?:npx|npm|bunx?|pnpx|dlx|docker|docker-compose|podman|uvx?|pipx)\b/u;
const PLUGIN_FILE = /^\$\{?(?:CLAUDE_)?PLUGIN_ROOT\b/u;

/** Every command of a plugin that starts through `npx`, `docker run` or their like, in the order of its contributions. */
export function launcherUses({ contributions }: Pick<PluginManifest, "contributions">): readonly LauncherUse[] {
  return contributions.flatMap((contribution) => usesOf(contribution));
}

function usesOf(contribution: Contribution): readonly LauncherUse[] {
  switch (contribution.kind) {
    case "mcp":
      if (contribution.config.transport !== "stdio") return [];
      return used(
        `MCP server \`${contribution.name}\``,
        readList(contribution.config.command, contribution.config.args),
      );
    case "lsp":
      return used(`language server \`${contribution.name}\``, readList(contribution.command, contribution.args));
    case "monitor":
      return used(`monitor \`${contribution.name}\``, readLine(contribution.command));
    case "hook":
      return used(`a hook on \`${contribution.event}\``, hookCall(contribution));
    case "skill":
      return (contribution.hooks ?? []).flatMap((hook) =>
        used(`a hook of skill \`${contribution.name}\` on \`${hook.event}\``, hookCall(hook)),
      );
    default:
      return [];
  }
}

function used(component: string, call: LauncherUse["call"] | undefined): readonly LauncherUse[] {
  return call === undefined ? [] : [{ component, call }];
}

/** The launcher of a command that is given as a list of words. */
export function readList(command: string, args: readonly string[]): LauncherUse["call"] | undefined {
  const isShell = /^(?:.*\/)?(?:ba|z|da|k)?sh$/u.test(command);
  if (isShell && args.some((word) => SOMEWHERE.test(word)))
    return { kind: "refused", reason: "it stands in a line for a shell" };
  return readStart(listedWords([command, ...args]));
}

/** The launcher of a line for a shell; one in a line of several commands is refused. */
export function readLine(line: string): LauncherUse["call"] | undefined {
  // Most lines name no launcher, and need not be read as a shell would.
  if (!NAMED.test(line)) return undefined;
  const words = shellLineWords(line);
  if (words !== undefined) return readStart(words);
  if (!SOMEWHERE.test(line)) return undefined;
  return { kind: "refused", reason: "it stands in a shell line of more than one command" };
}

/**
 * The launcher of a hook. A tool that is named without a version and without `--yes` is the project's own where it has one, which
 * a lock must not replace; a program that is given a file of the plugin is the plugin's.
 */
export function hookCall({ handler }: HookContribution): LauncherUse["call"] | undefined {
  if (handler.type !== "command") return undefined;
  const { command, args, shell } = handler;
  if (args === undefined && shell === "powershell")
    return SOMEWHERE.test(command) ? { kind: "refused", reason: "it stands in a line for PowerShell" } : undefined;
  const call = args === undefined ? readLine(command) : readList(command, args);
  if (call?.kind !== "call" || call.downloads || call.packages.some(({ version }) => version !== undefined))
    return call;
  const words = args === undefined ? (shellLineWords(command) ?? []) : listedWords([command, ...args]);
  if (PLUGIN_FILE.test(words[call.words[1]]?.text ?? "")) return call;
  const reason = "without a version it starts the project's own copy where there is one";
  return { kind: "refused", reason };
}
