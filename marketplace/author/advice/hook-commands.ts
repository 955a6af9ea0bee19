import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import type { HookContribution, PluginManifest } from "../../../schemas/plugin-manifest.ts";
import { isQuoted } from "./shell-words.ts";
import { advice, type AdviceSubject } from "./subject.ts";

/** No hook waits a quarter of an hour; who writes such a number thinks of milliseconds. */
const UNUSUAL_SECONDS = 1_000;

/** What no shell of Windows but a bash understands. */
const POSIX: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^\s*(?:bash|sh|zsh|source|\.)\s/u, "starts a shell script"],
  [/^\s*["']?[^\s"']*\.sh\b/u, "starts a shell script"],
  [/\/dev\/null\b/u, "names `/dev/null`"],
  [/\$\(|`/u, "runs a command inside a command"],
  [/(?:^|[;&|]\s*)(?:\[|test|export|chmod|exec|if|for|while)\s/u, "uses words of a POSIX shell"],
  [
    /^\s*["']?\$\{?(?:CLAUDE_)?PLUGIN_ROOT\}?["']?(?:\/[^\s"'/]+)*\/(?:[^\s"'./]+|[^\s"'/]+\.(?:py|rb|pl|[cm]?[jt]s))["']?(?:\s|$)/u,
    "starts a file by its first line",
  ],
];

/** Advice about hooks that run a command. */
export function hookAdvice({ manifest }: AdviceSubject): readonly Diagnostic[] {
  return hooksOf(manifest).flatMap((hook) => [...commandAdvice(hook), ...timeoutAdvice(hook)]);
}

function hooksOf(manifest: PluginManifest): readonly HookContribution[] {
  return manifest.contributions.flatMap((contribution) => {
    if (contribution.kind === "hook") return [contribution];
    return contribution.kind === "skill" ? (contribution.hooks ?? []) : [];
  });
}

function commandAdvice({ handler, event, where }: HookContribution): readonly Diagnostic[] {
  // In exec form no shell reads it.
  if (handler.type !== "command" || handler.args !== undefined || handler.shell === "powershell") return [];
  const { command, shell } = handler;
  const found: Diagnostic[] = [];
  if (!isQuoted(command)) {
    const message = `the command of a hook on \`${event}\` breaks where the path of the plugin holds a blank: \`\${CLAUDE_PLUGIN_ROOT}\` stands without quotes`;
    found.push(advice("A_HOOK_UNQUOTED", message, where, "put the path into double quotes; `--fix` does"));
  }
  const posix = shell === undefined && !/\b(?:pwsh|powershell|cmd)\b/u.test(command);
  const [, what] = (posix ? POSIX.find(([pattern]) => pattern.test(command)) : undefined) ?? [];
  if (what !== undefined) {
    const message = `the command of a hook on \`${event}\` ${what}, which Windows cannot do without a bash`;
    const hint =
      'start a program such as `node` with its file in `args`, or say that it needs one with `"shell": "bash"`';
    found.push(advice("A_HOOK_POSIX", message, where, hint));
  }
  return found;
}

function timeoutAdvice({ timeoutSeconds = 0, event, where }: HookContribution): readonly Diagnostic[] {
  if (timeoutSeconds < UNUSUAL_SECONDS) return [];
  const message = `the timeout of a hook on \`${event}\` is ${timeoutSeconds} seconds, which looks like milliseconds`;
  return [advice("A_TIMEOUT_UNIT", message, where, `write \`${asSeconds(timeoutSeconds)}\`; \`--fix\` does`)];
}

/** Milliseconds that somebody wrote, in seconds. */
export function asSeconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1_000));
}
