import { expect, it } from "vitest";
import { typedValue, wantedValue } from "../../schemas/option-value.ts";
import type { UserOption } from "../../schemas/plugin-manifest.ts";

const option = (more: Partial<UserOption>) => ({ type: "string" as const, multiple: false, ...more });

const cases: readonly (readonly [
  Partial<UserOption>,
  readonly string[],
  value: unknown,
  wanted: string | undefined,
])[] = [
  [{}, ["a b"], "a b", undefined],
  [{}, ["a", "b"], ["a", "b"], "a text"],
  [{ options: ["s", "l"] }, ["s"], "s", undefined],
  [{ options: ["s", "l"] }, ["m"], "m", "one of `s`, `l`"],
  [{ multiple: true }, ["a"], ["a"], undefined],
  [{ multiple: true }, ["a", "b"], ["a", "b"], undefined],
  [{ type: "number" }, ["1.5"], 1.5, undefined],
  [{ type: "number" }, ["-2e3"], -2000, undefined],
  [{ type: "number" }, [""], "", "a number"],
  [{ type: "number" }, ["1x"], Number.NaN, "a number"],
  [{ type: "number" }, ["Infinity"], "Infinity", "a number"],
  [{ type: "number", min: 2, max: 4 }, ["1"], 1, "at least 2"],
  [{ type: "number", min: 2, max: 4 }, ["5"], 5, "at most 4"],
  [{ type: "boolean" }, ["Yes"], true, undefined],
  [{ type: "boolean" }, ["off"], false, undefined],
  [{ type: "boolean" }, ["constructor"], "constructor", "`true` or `false`"],
  [{ type: "directory" }, ["/a"], "/a", undefined],
];

it.each(cases)("an option %j takes the words %j for %j, and wants %s", (more, words, value, wanted) => {
  const typed = typedValue(option(more), words);
  expect([typed, wantedValue(option(more), typed)]).toEqual([value, wanted]);
});
