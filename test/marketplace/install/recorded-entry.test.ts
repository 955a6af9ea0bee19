import { describe, expect, it } from "vitest";

import { relocated } from "../../../marketplace/install/recorded-entry.ts";
import type { Diagnostic } from "../../../schemas/diagnostic.ts";

const finding: Diagnostic = { code: "E_NOT_FOUND", severity: "error", message: "gone", line: 1, column: 1 };
const written = { file: "/market/.claude-plugin/marketplace.json", line: 12, column: 5 };

describe("a finding in a recorded entry", () => {
  it("is located where the entry is written", () => {
    expect(relocated({ ...finding, file: "marketplace.json" }, written)).toEqual({ ...finding, ...written });
  });

  it("has no line when nobody knows where the entry is written", () => {
    const place = { file: "marketplace.json", line: undefined, column: undefined };
    expect(relocated({ ...finding, file: "marketplace.json" }, undefined)).toEqual({ ...finding, ...place });
  });

  it("stays where it is when it is about another file", () => {
    const other = { ...finding, file: "hooks/hooks.json" };
    expect(relocated(other, written)).toBe(other);
  });
});
