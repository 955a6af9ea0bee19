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

const here = (known: Partial<Readonly<Record<"installed" | "required" | "builtin", readonly string[]>>>) => ({
  installed: [],
  required: [],
  builtin: [],
  ...known,
});

describe("a plugin that comes under a name", () => {
  it.each(near)("is told from one that is here: %s", (_what, arriving, known) => {
    expect(nearNameNotes([arriving], here({ installed: [known] }))).toEqual([
      `\`${arriving}\` could be taken for \`${known}\`: check that you mean it`,
    ]);
  });

  it.each(far)("is left alone: %s", (_what, arriving, known) => {
    expect(nearNameNotes([arriving], here({ installed: [known] }))).toEqual([]);
  });

  it.each([
    ["format@acme", { required: ["format@acme"] }, "which your administrator requires"],
    ["format@acme", { installed: ["format@acme"], required: ["format@acme"] }, "which your administrator requires"],
    ["formats@builtin", { builtin: ["formats@builtin"] }, "which is part of Plugsmith"],
  ])("is told from one that a person trusts: %s in %j", (other, known, whose) => {
    expect(nearNameNotes(["format@evil"], here(known))).toEqual([
      `\`format@evil\` could be taken for \`${other}\`, ${whose}: check that you mean it`,
    ]);
  });

  it("is left alone when it is the one that is required", () => {
    expect(nearNameNotes(["format@acme"], here({ required: ["format@acme"] }))).toEqual([]);
  });

  it("is told once from one that comes with it", () => {
    expect(nearNameNotes(["prettier@acme", "prettierr@acme"], here({}))).toHaveLength(1);
  });

  it("is compared with thousands without looking at each", () => {
    const known = Array.from({ length: 1_000 }, (_, index) => `${"abcdefghij".charAt(index % 10)}plugin${index}@acme`);
    expect(nearNameNotes(known, here({}))).toEqual([]);
  });
});
