import { CodedError } from "./errors.ts";
import { checkPluginName, escapeControl, nameProblem } from "./names.ts";

/** A plugin as a person names it on the command line; `range` is not parsed yet. */
export type PluginSpec =
  | { readonly name: string; readonly market?: string | undefined; readonly range?: string | undefined }
  | { readonly path: string };

const MAX_RANGE_LENGTH = 256;

/**
 * Reads `name`, `name@market`, `name@range` (when no such marketplace is known), `name@market@range`, or a local path
 * (`./`, `../`, `/`, `~`). Throws `E_NAME`, `E_USAGE` or `E_LIMIT_RANGE`.
 */
export function parsePluginSpec(text: string, isMarketplace: (name: string) => boolean): PluginSpec {
  if (/^(?:\.{1,2}(?:\/|$)|\/|~(?:\/|$))/.test(text)) return { path: text };
  const [name = "", second, ...rest] = text.split("@");
  const shown = escapeControl(text.slice(0, 200));
  if (rest.length > 1) {
    throw new CodedError("E_USAGE", `\`${shown}\` has too many \`@\``, { hint: "write `name@marketplace@range`" });
  }
  if (name.includes("/") || name.includes("\\")) {
    throw new CodedError("E_NAME", `\`${shown}\` is no plugin name`, {
      hint: /^[a-z+]+:\/\//iu.test(shown)
        ? `plugins are added from a marketplace that lists them; if this is one, \`plugin marketplace add ${shown}\``
        : `for a local plugin write \`./${shown}\``,
    });
  }
  checkPluginName(name);
  if (second === undefined) return { name };
  const third = rest[0];
  if (third === undefined && !isMarketplace(second) && looksLikeRange(second))
    return { name, range: checkLength(second) };
  checkMarketplacePart(second);
  return third === undefined ? { name, market: second } : { name, market: second, range: checkLength(third) };
}

/** Whether a text can only be meant as a version range; the solver says whether it is a valid one. */
function looksLikeRange(text: string): boolean {
  return /^\s*(?:[\^~<>=*]|v?\d+(?:\.|$|\s|-|\+)|[xX](?:\.|$))/.test(text);
}

function checkLength(range: string): string {
  if (range === "")
    throw new CodedError("E_USAGE", "the version range after `@` is empty", { hint: "write e.g. `name@market@^1.2`" });
  if (range.length <= MAX_RANGE_LENGTH) return range;
  throw new CodedError(
    "E_LIMIT_RANGE",
    `the version range has ${range.length} characters, more than ${MAX_RANGE_LENGTH}`,
  );
}

/** Not `checkMarketplaceName`: the pseudo-names such as `local` stand in ids, so a person may type them. */
function checkMarketplacePart(name: string): void {
  const problem = nameProblem(name);
  if (problem === undefined) return;
  throw new CodedError("E_NAME", `marketplace name \`${escapeControl(name.slice(0, 200))}\` ${problem}`, {
    hint: "write `name@marketplace@range`",
  });
}
