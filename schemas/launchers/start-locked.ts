import type { Diagnostic } from "../diagnostic.ts";
import type { InstalledLauncher } from "../generation.ts";
import type { Digest } from "../lockfile.ts";
import type { Contribution, HookContribution } from "../plugin-manifest.ts";
import { quotedWord } from "../shell-word.ts";
import { pinnedImage } from "./image-reference.ts";
import { launcherKey } from "./launcher-lock.ts";
import { hookCall, type LauncherUse, readLine, readList } from "./launcher-uses.ts";
import type { LockableCall } from "./read-start.ts";
import { listedWords, shellLineWords } from "./shell-line.ts";

/** What a machine has of the launchers of a plugin. */
export interface StoredLaunchers {
  /** By `launcherProgram`. */
  readonly launchers: Readonly<Record<string, InstalledLauncher>>;
  /** Absolute path of a file of a tree; `undefined` when it is not there. */
  readonly fileOf: (tree: Digest, path: string) => string | undefined;
}

/** The packages of a command and which of their programs it starts, or its image: what a generation knows it by. */
export function launcherProgram(call: LockableCall): string {
  const program = call.kind === "image" ? undefined : call.program;
  return program === undefined ? launcherKey(call) : `${launcherKey(call)} > ${program}`;
}

/** A component that is not started because what it is locked to is not here. */
export interface Unstarted {
  readonly component: string;
  readonly problem: string;
  readonly hint?: string | undefined;
}

/** The finding about a component that is left out. */
export function notStarted({ component, problem, hint = "`plugin sync` tries again" }: Unstarted): Diagnostic {
  const message = `${component} is not started, what it is locked to is not installed: ${problem}`;
  return { code: "W_PACKAGES", severity: "warning", message, hint };
}

/**
 * The contributions of a plugin with every locked launcher replaced by its program in the store, and every locked image by its digest.
 * What is locked and not here is left out: to start whatever is the newest in its place is what the lock is against.
 */
export function startLocked<T extends Contribution>(
  contributions: readonly T[],
  stored: StoredLaunchers,
): { readonly contributions: readonly T[]; readonly unstarted: readonly Unstarted[] } {
  if (Object.keys(stored.launchers).length === 0) return { contributions, unstarted: [] };
  const unstarted: Unstarted[] = [];
  const kept = contributions.flatMap((contribution): readonly T[] => {
    const started = startOne(contribution, stored, unstarted);
    if (!("problem" in started)) return [started as T]; // of the same kind as what came in
    unstarted.push(started);
    return [];
  });
  return { contributions: kept, unstarted };
}

function startOne(
  contribution: Contribution,
  stored: StoredLaunchers,
  unstarted: Unstarted[],
): Contribution | Unstarted {
  switch (contribution.kind) {
    case "mcp": {
      const { config } = contribution;
      if (config.transport !== "stdio") return contribution;
      const words = [config.command, ...config.args];
      return apply(
        `MCP server \`${contribution.name}\``,
        readList(config.command, config.args),
        stored,
        (found, call) => {
          const [command = "", ...args] = listed(words, call, found);
          return { ...contribution, config: { ...config, command, args } };
        },
        contribution,
      );
    }
    case "lsp": {
      const words = [contribution.command, ...contribution.args];
      const call = readList(contribution.command, contribution.args);
      return apply(
        `language server \`${contribution.name}\``,
        call,
        stored,
        (found, known) => {
          const [command = "", ...args] = listed(words, known, found);
          return { ...contribution, command, args };
        },
        contribution,
      );
    }
    case "monitor":
      return apply(
        `monitor \`${contribution.name}\``,
        readLine(contribution.command),
        stored,
        (found, call) => ({
          ...contribution,
          command: line(contribution.command, call, found),
        }),
        contribution,
      );
    case "hook":
      return startHook(contribution, `a hook on \`${contribution.event}\``, stored);
    case "skill": {
      if (contribution.hooks === undefined) return contribution;
      const hooks = contribution.hooks.flatMap((hook) => {
        const started = startHook(hook, `a hook of skill \`${contribution.name}\` on \`${hook.event}\``, stored);
        if (!("problem" in started)) return [started];
        unstarted.push(started);
        return [];
      });
      return { ...contribution, hooks };
    }
    default:
      return contribution;
  }
}

function startHook(hook: HookContribution, component: string, stored: StoredLaunchers): HookContribution | Unstarted {
  const { handler } = hook;
  if (handler.type !== "command") return hook;
  return apply(
    component,
    hookCall(hook),
    stored,
    (found, call) => {
      if (handler.args === undefined)
        return { ...hook, handler: { ...handler, command: line(handler.command, call, found) } };
      const [command = "", ...args] = listed([handler.command, ...handler.args], call, found);
      return { ...hook, handler: { ...handler, command, args } };
    },
    hook,
  );
}

function apply<T extends Contribution>(
  component: string,
  call: LauncherUse["call"] | undefined,
  { launchers, fileOf }: StoredLaunchers,
  replace: (program: readonly string[], call: LockableCall) => T,
  unchanged: T,
): T | Unstarted {
  if (call === undefined || call.kind === "refused") return unchanged;
  if (call.kind === "image" && call.image.digest !== undefined) return unchanged;
  const installed = launchers[launcherProgram(call)];
  if (installed === undefined) return unchanged;
  if ("problem" in installed) {
    const { problem, hint, locked } = installed;
    return locked ? { component, problem, hint } : unchanged;
  }
  if ("image" in installed)
    return call.kind === "image" ? replace([pinnedImage(call.image, installed.image)], call) : unchanged;
  const file = fileOf(installed.tree, installed.program);
  if (file === undefined)
    return { component, problem: "its packages are missing", hint: "`plugin sync` fetches them again" };
  return replace(installed.node ? ["node", file] : [file], call);
}

function listed(
  words: readonly string[],
  { words: [from, to] }: LockableCall,
  program: readonly string[],
): readonly string[] {
  return [...words.slice(0, from), ...program, ...words.slice(to)];
}

/** The line with launcher, options and package, or the image, replaced; everything else stays as the shell would read it. */
function line(text: string, { words: [from, to] }: LockableCall, program: readonly string[]): string {
  const words = shellLineWords(text) ?? listedWords([text]);
  const [first, last] = [words[from]?.start ?? 0, words[to - 1]?.end ?? text.length];
  const [runtime, file] = program.length === 2 ? program : [undefined, program[0]];
  const started = [...(runtime === undefined ? [] : [runtime]), quotedWord(file ?? "")].join(" ");
  return `${text.slice(0, first)}${started}${text.slice(last)}`;
}
