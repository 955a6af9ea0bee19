import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCodedError } from "../../schemas/errors.ts";
import { canonicalSource, parseMarketplaceArgument } from "../../schemas/identity.ts";
import { marketplaceSourceToJson, parseMarketplaceSource } from "../../schemas/marketplace-source.ts";
import { parsePluginSpec } from "../../schemas/plugin-spec.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";

const here: Readonly<Record<string, "directory" | "file">> = {
  "./market": "directory",
  "/srv/market": "directory",
  "~/market": "directory",
  "docs/market": "directory",
  "docs/examples/market": "directory",
  "./market/marketplace.json": "file",
  "./notes.txt": "file",
};
const probe = (path: string): "directory" | "file" | undefined => here[path];

const repo = { kind: "github", repo: "owner/repo" } as const;
const readings: readonly (readonly [text: string, source: MarketplaceSource, identity: string])[] = [
  ["./market", { kind: "directory", path: "./market" }, "directory:./market"],
  ["/srv/market", { kind: "directory", path: "/srv/market" }, "directory:/srv/market"],
  ["~/market", { kind: "directory", path: "~/market" }, "directory:~/market"],
  ["docs/examples/market", { kind: "directory", path: "docs/examples/market" }, "directory:docs/examples/market"],
  ["./market/marketplace.json", { kind: "file", path: "./market/marketplace.json" }, "file:./market/marketplace.json"],
  ["owner/repo", repo, "github.com/owner/repo"],
  ["Owner/Repo", { kind: "github", repo: "Owner/Repo" }, "github.com/owner/repo"],
  ["owner/repo@v1", { ...repo, ref: "v1" }, "github.com/owner/repo@v1"],
  ["owner/repo#feature/x", { ...repo, ref: "feature/x" }, "github.com/owner/repo@feature/x"],
  ["https://github.com/owner/repo", repo, "github.com/owner/repo"],
  ["https://github.com/owner/repo.git#v1", { ...repo, ref: "v1" }, "github.com/owner/repo@v1"],
  ["https://gitlab.com/a/b/c", { kind: "git", url: "https://gitlab.com/a/b/c.git" }, "gitlab.com/a/b/c"],
  ["https://bitbucket.org/a/b", { kind: "git", url: "https://bitbucket.org/a/b.git" }, "bitbucket.org/a/b"],
  ["https://h.example/x.git", { kind: "git", url: "https://h.example/x.git" }, "h.example/x"],
  ["https://h.example/x.git/", { kind: "git", url: "https://h.example/x.git" }, "h.example/x"],
  ["https://h.example/p/_git/r", { kind: "git", url: "https://h.example/p/_git/r" }, "h.example/p/_git/r"],
  ["git@h.example:o/r.git", { kind: "git", url: "git@h.example:o/r.git" }, "h.example/o/r"],
  ["git@h.example:o/r.git#v1", { kind: "git", url: "git@h.example:o/r.git", ref: "v1" }, "h.example/o/r@v1"],
  ["mallory@h.example:o/r", { kind: "git", url: "mallory@h.example:o/r" }, "mallory@h.example/o/r"],
  ["ssh://git@h.example/o/r", { kind: "git", url: "ssh://git@h.example/o/r" }, "h.example/o/r"],
  ["file:///srv/r.git", { kind: "git", url: "file:///srv/r.git" }, "file:///srv/r.git"],
  ["https://h.example/m.json", { kind: "url", url: "https://h.example/m.json" }, "https://h.example/m.json"],
  [
    "https://h.example/raw?ref=main",
    { kind: "url", url: "https://h.example/raw?ref=main" },
    "https://h.example/raw?ref=main",
  ],
  [
    "https://github.com/o/r/raw/main/marketplace.json",
    { kind: "url", url: "https://github.com/o/r/raw/main/marketplace.json" },
    "https://github.com/o/r/raw/main/marketplace.json",
  ],
];

describe("parseMarketplaceArgument", () => {
  it.each(readings)("reads %s", (text, source, identity) => {
    const canonical = canonicalSource(parseMarketplaceArgument(text, probe));
    expect(canonical).toEqual({ source, identity });
    expect(canonicalSource(canonical.source)).toEqual(canonical);
    expect(parseMarketplaceSource(marketplaceSourceToJson(canonical.source))).toEqual(canonical.source);
  });

  it.each([
    ["./absent", "E_NOT_FOUND"],
    ["./notes.txt", "E_SOURCE_INVALID"],
    ["docs/market", "E_AMBIGUOUS"],
    ["word", "E_SOURCE_INVALID"],
    ["", "E_SOURCE_INVALID"],
    ["a/b/c", "E_SOURCE_INVALID"],
    ["owner/repo@a..b", "E_GIT_REF"],
    ["owner/repo#", "E_GIT_REF"],
    ["ext::sh", "E_GIT_URL"],
    ["https://allowed.example@evil.example/acme/market.git", "E_GIT_URL"],
    ["https://user:pw@h.example/m.json", "E_SOURCE_INVALID"],
    ["https://h.example/a/../m.json", "E_SOURCE_INVALID"],
    ["https://h.example\\@evil.example/m.json", "E_SOURCE_INVALID"],
    ["$(x)", "E_SOURCE_INVALID"],
  ])("refuses %j with %s", (text, code) => {
    expect(codeOf(() => parseMarketplaceArgument(text, probe))).toBe(code);
  });

  it("lists the accepted forms when it understands nothing", () => {
    try {
      parseMarketplaceArgument("word", probe);
      expect.unreachable();
    } catch (error) {
      expect(isCodedError(error) ? error.hint : "").toMatch(/owner\/repo.*git URL.*folder.*marketplace\.json/s);
    }
  });

  it("gives one identity to every spelling of a GitHub repository", () => {
    const identities = [
      "o/r",
      "O/R",
      "https://github.com/o/r",
      "https://GitHub.com:443/o/r.git",
      "git@github.com:o/r",
      "ssh://git@github.com/O/r.git",
    ].map((text) => canonicalSource(parseMarketplaceArgument(text, probe)).identity);
    expect(new Set(identities)).toEqual(new Set(["github.com/o/r"]));
  });

  it("keeps the identity of a source when it is applied twice", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]{1,8}$/);
    const source = fc.oneof(
      fc.record({ kind: fc.constant("github" as const), repo: fc.tuple(name, name).map((parts) => parts.join("/")) }),
      fc.record({
        kind: fc.constant("directory" as const),
        path: fc.array(fc.constantFrom("a", "/", ".", "b"), { minLength: 1 }).map((parts) => `/${parts.join("")}`),
      }),
      fc.record({
        kind: fc.constant("git" as const),
        url: fc.tuple(name, name).map(([host, path]) => `https://${host}.example/${path}.git`),
        ref: name,
      }),
    );
    fc.assert(
      fc.property(source, (written) => {
        const once = canonicalSource(written);
        expect(canonicalSource(once.source)).toEqual(once);
      }),
    );
  });
});

describe("parsePluginSpec", () => {
  const isMarketplace = (name: string): boolean => name === "acme" || name === "1.x";
  it.each([
    ["fmt", { name: "fmt" }],
    ["fmt@acme", { name: "fmt", market: "acme" }],
    ["fmt@other", { name: "fmt", market: "other" }],
    ["fmt@local", { name: "fmt", market: "local" }],
    ["fmt@^1.2", { name: "fmt", range: "^1.2" }],
    ["fmt@1.2.3", { name: "fmt", range: "1.2.3" }],
    ["fmt@v1.2.3", { name: "fmt", range: "v1.2.3" }],
    ["fmt@>=1 <2", { name: "fmt", range: ">=1 <2" }],
    ["fmt@1.x", { name: "fmt", market: "1.x" }],
    ["fmt@2.x", { name: "fmt", range: "2.x" }],
    ["fmt@acme@^1", { name: "fmt", market: "acme", range: "^1" }],
    ["fmt@acme@not a range", { name: "fmt", market: "acme", range: "not a range" }],
    ["./fmt", { path: "./fmt" }],
    ["../fmt", { path: "../fmt" }],
    ["/srv/fmt", { path: "/srv/fmt" }],
    ["~/fmt", { path: "~/fmt" }],
    [".", { path: "." }],
  ])("reads %s", (text, spec) => {
    expect(parsePluginSpec(text, isMarketplace)).toEqual(spec);
  });

  it.each([
    ["", "E_NAME"],
    ["a b", "E_NAME"],
    ["a/b", "E_NAME"],
    ["-a", "E_NAME"],
    ["a@", "E_NAME"],
    ["a@b c", "E_NAME"],
    ["a@acme@", "E_USAGE"],
    ["a@acme@1@2", "E_USAGE"],
    [`a@acme@${"1 ".repeat(200)}`, "E_LIMIT_RANGE"],
  ])("refuses %j with %s", (text, code) => {
    expect(codeOf(() => parsePluginSpec(text, isMarketplace))).toBe(code);
  });
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}
