import { escapeControl } from "./names.ts";
import type { UserOption } from "./plugin-manifest.ts";

/** A value of an option as settings hold it. */
export type OptionValue = string | number | boolean | readonly string[];

type Kind = Pick<UserOption, "type" | "multiple" | "options" | "min" | "max">;

/** What the value of an option should have been, e.g. "a number"; `undefined` when it fits (formats.md §1.5). */
export function wantedValue({ type, multiple, options, min, max }: Kind, value: unknown): string | undefined {
  switch (type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "`true` or `false`";
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) return "a number";
      if (min !== undefined && value < min) return `at least ${min}`;
      return max !== undefined && value > max ? `at most ${max}` : undefined;
    default:
      if (multiple) {
        const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
        return isList ? undefined : "a list of texts";
      }
      if (typeof value !== "string") return "a text";
      return options === undefined || options.includes(value)
        ? undefined
        : `one of ${options.map((one) => `\`${escapeControl(one)}\``).join(", ")}`;
  }
}

/** The default of an option, where it has one that fits. */
export function usableDefault(option: UserOption): OptionValue | undefined {
  const value = option.default;
  return value === undefined || wantedValue(option, value) !== undefined ? undefined : value;
}

const SWITCH: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** The value that words stand for as a person types them; one that does not fit is left for `wantedValue` to refuse. */
export function typedValue({ type, multiple }: Kind, words: readonly string[]): unknown {
  if (multiple) return [...words];
  const [word = ""] = words;
  if (words.length > 1) return [...words];
  if (type === "boolean") return Object.hasOwn(SWITCH, word.toLowerCase()) ? SWITCH[word.toLowerCase()] : word;
  return type === "number" && /\d/u.test(word) ? Number(word) : word;
}
