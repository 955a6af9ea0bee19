import { delimiter, dirname, join } from "node:path";
import type { Contributed, FileContribution } from "plugsmith/plugin-api";

/** Names that make programs load code whatever is run, or lead to keys and other agents of the person (docs/guides/sessions.md). */
const GUARDED =
  /^(?:LD_.*|DYLD_.*|NODE_OPTIONS|NODE_REPL_EXTERNAL_MODULE|NODE_CHANNEL_FD|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|BASH_FUNC_.*|PROMPT_COMMAND|PERL5OPT|RUBYOPT|PYTHONSTARTUP|JAVA_TOOL_OPTIONS|PLUGSMITH_.*|DBUS_.*|SSH_AUTH_SOCK|GPG_AGENT_INFO|XDG_RUNTIME_DIR)$/iu;

/** The person's environment with the variables of hooks, and the executables of plugins behind everything that PATH had. */
export function shellEnvironment(
  environment: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string | null>>,
  bins: readonly Contributed<FileContribution>[],
): Readonly<Record<string, string>> {
  const own = Object.entries(variables).filter(([name]) => !isGuarded(name));
  const all = Object.entries({ ...environment, ...Object.fromEntries(own) });
  const merged = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
  const folders = new Set(bins.map(({ plugin, value }) => dirname(join(plugin.directory, value.file))));
  const path = [...(merged["PATH"] ?? "").split(delimiter), ...folders].filter((folder) => folder !== "");
  return { ...merged, PATH: path.join(delimiter) };
}

/** Whether nobody but the person sets a variable of the shell. */
export function isGuarded(name: string): boolean {
  return GUARDED.test(name);
}
