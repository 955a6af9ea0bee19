import { describe, expect, it } from "vitest";
import { nearNameNotes } from "../../../marketplace/plan/near-names.ts";

const near: readonly (readonly [what: string, arriving: string, known: string])[] = [
  ["the same name of another marketplace", "format@evil", "format@acme"],
  ["letters that look alike", "paypaI@evil", "paypal@acme"],
  ["two letters that look like one", "acrne@evil", "acme@acme"],
  ["a letter more", "prettierr@acme", "prettier@acme"],
  ["a letter less", "pretier@acme", "prettier@acme"],
  ["another letter", "prettiar@acme", "prettier@acme"],
  ["swapped neighbours", "pretteir@acme", "prettier@acme"],
  ["without a hyphen", "codereview@acme", "code-review@acme"],
];
const far: readonly (readonly [what: string, arriving: string, known: string])[] = [
  ["another name", "linter@acme", "prettier@acme"],
  ["two letters more", "prettierxy@acme", "prettier@acme"],
  ["a row of names", "tool-1@acme", "tool-2@acme"],
  ["a row of letters", "team-a@acme", "team-b@acme"],
  ["short names", "go@acme", "gb@acme"],
  ["itself", "prettier@acme", "prettier@acme"],
];

describe("a plugin that comes under a name", () => {
  it.each(near)("is told from one that is here: %s", (_what, arriving, known) => {
    expect(nearNameNotes([arriving], [known])).toEqual([
      `\`${arriving}\` could be taken for \`${known}\`: check that you mean it`,
    ]);
  });

  it.each(far)("is left alone: %s", (_what, arriving, known) => {
    expect(nearNameNotes([arriving], [known])).toEqual([]);
  });

  it("is told once from one that comes with it", () => {
    expect(nearNameNotes(["prettier@acme", "prettierr@acme"], [])).toHaveLength(1);
  });

  it("is compared with thousands without looking at each", () => {
    const known = Array.from({ length: 1_000 }, (_, index) => `${"abcdefghij".charAt(index % 10)}plugin${index}@acme`);
    expect(nearNameNotes(known, [])).toEqual([]);
  });
});
