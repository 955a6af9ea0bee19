import { describe, expect, it } from "vitest";
import { rewritten } from "../../schemas/policy-rewrites.ts";
import { readPolicyDocument } from "../../schemas/policy.ts";

function listOf(sourceRewrites: unknown) {
  return readPolicyDocument(JSON.stringify({ sourceRewrites }), { file: "managed.json" });
}

const RULES = [
  { from: "https://code.example/", to: "https://mirror.example/code/" },
  { from: "https://code.example/acme/", to: "ssh://git@mirror.example/acme/" },
  { from: "https://code.example/acme/tools.git", to: "file:///srv/tools" },
];

describe("sourceRewrites", () => {
  it.each([
    ["https://code.example/other/market.git", "https://mirror.example/code/other/market.git"],
    ["https://code.example/acme/market.git", "ssh://git@mirror.example/acme/market.git"],
    ["https://code.example/acme/tools.git", "file:///srv/tools"],
    ["https://code.example/acme/tools.git/more", "ssh://git@mirror.example/acme/tools.git/more"],
    ["https://code.example.evil.example/acme/market.git", undefined],
    ["https://code.example:8443/acme/market.git", undefined],
    ["http://code.example/acme/market.git", undefined],
    ["ssh://git@code.example/acme/market", undefined],
  ])("make of %s the address %s", (address, expected) => {
    const { sourceRewrites } = listOf(RULES);
    expect(rewritten(address, sourceRewrites === undefined ? [] : [sourceRewrites])?.address).toBe(expected);
  });

  it.each([
    ["no object", "https://code.example/"],
    ["no target", { from: "https://code.example/" }],
    ["a text that is no address", { from: "code.example", to: "https://mirror.example/" }],
    ["a password", { from: "https://code.example/", to: "https://me:secret@mirror.example/" }],
    ["a login", { from: "https://code.example/", to: "https://me@mirror.example/" }],
    ["a query", { from: "https://code.example/?a", to: "https://mirror.example/" }],
    ["a slash on one side", { from: "https://code.example/", to: "https://mirror.example/x" }],
    ["no encryption", { from: "https://code.example/", to: "http://mirror.example/" }],
    ["another transport", { from: "https://code.example/", to: "ext://mirror.example/" }],
  ])("with %s are told of and close what no other rule covers", (_, rule) => {
    const { sourceRewrites, diagnostics } = listOf([RULES[0], rule]);
    expect(diagnostics).toMatchObject([{ code: "E_POLICY_INVALID", severity: "error", file: "managed.json", line: 1 }]);
    expect(sourceRewrites?.rules).toHaveLength(1);
    expect(sourceRewrites?.closed).toMatchObject({ key: "sourceRewrites.1", file: "managed.json" });
  });

  it("may lead to this machine without encryption", () => {
    expect(listOf([{ from: "https://code.example/", to: "http://127.0.0.1:8080/" }]).diagnostics).toEqual([]);
  });

  it("that are no list close everything", () => {
    expect(listOf({}).sourceRewrites).toMatchObject({ rules: [], closed: { key: "sourceRewrites" } });
  });
});
