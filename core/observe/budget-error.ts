import { CodedError } from "../../schemas/errors.ts";

/** `E_TIMEOUT`: a plugin spent its budget in an action. `through` says on whose behalf, as the end of the sentence. */
export function budgetError(plugin: string, action: string, budgetMs: number, through = ""): CodedError {
  const without = plugin.endsWith("@inline") ? "leaving out its `--plugin-dir`" : `\`plugin disable ${plugin}\``;
  return new CodedError(
    "E_TIMEOUT",
    `plugin \`${plugin}\` took longer than ${String(budgetMs)} ms in ${action}${through}`,
    {
      hint: `${without} goes on without it`,
      data: { plugin, action },
    },
  );
}
