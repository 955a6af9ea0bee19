import { describe, expect, it } from "vitest";
import { isCodedError } from "../../schemas/errors.ts";
import { canonicalSource, parseMarketplaceArgument } from "../../schemas/identity.ts";
import { makeDecide } from "../../schemas/policy-decision.ts";
import { compilePolicyPattern } from "../../schemas/policy-pattern.ts";
import { readPolicyDocument } from "../../schemas/policy.ts";
import type { Decide, PolicyAction, PolicyDecision } from "../../schemas/policy.ts";

const ONLY_ACME = { strictKnownMarketplaces: [{ source: "git", url: "https://allowed.example/acme/market" }] };

describe("policy of marketplaces", () => {
  it.each([
    ["PB01", "https://allowed.example@evil.example/acme/market.git", false],
    ["PB02", "https://evil.example\\@allowed.example/acme/market.git", false],
    ["PB02", "https://allowed.example\\@evil.example/acme/market.git", false],
    ["PB03", "git@evil.example:allowed.example/acme/market", false],
    ["PB03", "evil.example:git@allowed.example/x", false],
    ["PB03", "[git@evil.example]:acme/market", false],
    ["PB03", "git@[evil.example]:allowed.example:acme/market", false],
    ["PB03", "git@allowed.example@evil.example:acme/market", false],
    ["PB04", "HTTPS://Allowed.Example:443/acme/market.git/", true],
    ["PB04", "https://allowed.example/acme//market.git", false],
    ["PB04", "https://allowed.example/acme/./market.git", false],
    ["PB05", "https://allowed.example/Acme/Market.git", false],
    ["PB06", "ssh://git@allowed.example/acme/market", false],
    ["PB06", "git@allowed.example:acme/market", false],
    ["PB06", "http://allowed.example/acme/market.git", false],
    ["PB06", "git://allowed.example/acme/market", false],
    ["PB07", "https://allowed.example:8443/acme/market.git", false],
    ["PB07", "https://allowed.example./acme/market.git", false],
    ["PB07", "https://allowed.example%2eevil.example/acme/market.git", false],
    ["PB07", "https://sub.allowed.example/acme/market.git", false],
    ["PB07", "https://xallowed.example/acme/market.git", false],
    ["PB07", "https://allowed.example.evil.example/acme/market.git", false],
    ["PB08", "https://\u0430llowed.example/acme/market.git", false],
    ["PB08", "https://allowed\uFF0Eexample/acme/market.git", true],
    ["PB09", "https://allowed.example/acme/market/../../evil/market.git", false],
    ["PB09", "https://allowed.example/acme/market/%2e%2e/x.git", false],
    ["PB10", "https://allowed.example/acme/market?x=", false],
    ["PB10", "https://allowed.example/acme/mar\tket.git", false],
    ["PB11", "https://allowed.example/acme/market.git#other", true],
    ["", "acme/market", false],
    ["", "/srv/market", false],
  ])("answers (%s) %j with %s when one git marketplace is allowed", (_row, text, allowed) => {
    expect(admits(decideBy(ONLY_ACME), text)).toBe(allowed);
  });

  it.each([
    ["PB11", { source: "github", repo: "acme/market", ref: "v1" }, "acme/market@v1", true],
    ["PB11", { source: "github", repo: "acme/market", ref: "v1" }, "acme/market@main", false],
    ["PB11", { source: "github", repo: "acme/market", ref: "v1" }, "acme/market", false],
    ["PB11", { source: "github", repo: "acme/market" }, "acme/market@main", true],
    ["PB11", { source: "github", repo: "acme/market", path: "a.json" }, "acme/market", false],
    ["", { source: "github", repo: "acme/market" }, "git@github.com:ACME/market", true],
    ["", { source: "github", repo: "acme/market" }, "http://github.com/acme/market", false],
    ["", { source: "github", repo: "acme/*" }, "acme/anything", true],
    ["", { source: "github", repo: "acme/*" }, "acmeevil/anything", false],
    ["", { source: "github", repo: "*/x" }, "acme/x", false],
    ["", { source: "github", repo: "acme/pre-*" }, "acme/pre-x", false],
    ["", { source: "url", url: "https://h.example/m.json" }, "https://H.example/m.json", true],
    ["", { source: "url", url: "https://h.example/m.json" }, "https://h.example/m.json?x=1", false],
    ["", { source: "directory", path: "/srv/market" }, "/srv/market", true],
    ["", { source: "pathPattern", pathPattern: "/srv/.*" }, "/srv/market", true],
    ["", { source: "pathPattern", pathPattern: "/srv" }, "/srv/market", false],
    ["", { source: "hostPattern", hostPattern: "(.*\\.)?allowed.example" }, "https://git.allowed.example/x.git", true],
    ["", { source: "hostPattern", hostPattern: "(.*\\.)?allowed.example" }, "git@allowed.example:x", true],
    ["PB06", { source: "hostPattern", hostPattern: "(.*\\.)?allowed.example" }, "http://allowed.example/x.git", false],
    [
      "PB07",
      { source: "hostPattern", hostPattern: "(.*\\.)?allowed.example" },
      "https://xallowed.example/x.git",
      false,
    ],
    ["PB07", { source: "hostPattern", hostPattern: "allowed.example" }, "https://allowedxexample/x.git", false],
    [
      "PB07",
      { source: "hostPattern", hostPattern: "allowed\\.example" },
      "https://allowed.example.evil.example/x.git",
      false,
    ],
    ["PB20", { source: "hostPattern", hostPattern: ".*allowed.example" }, "https://allowed.example/x.git", false],
    ["PB20", { source: "hostPattern", hostPattern: "(a|aa)+$" }, `https://${"a".repeat(60)}b.example/x.git`, false],
    ["", { source: "git", url: "git@allowed.example:acme/market" }, "git@allowed.example:acme/market.git", true],
    ["", { source: "git", url: "git@allowed.example:acme/market" }, "mallory@allowed.example:acme/market", false],
    ["", { source: "git", url: "git@allowed.example:acme/market" }, "allowed.example:acme/market", false],
    ["", { source: "git", url: "git@allowed.example:acme/market" }, "ssh://git@allowed.example/acme/market", false],
    ["", { source: "git", url: "git@allowed.example:acme/market" }, "git@allowed.example:/acme/market", false],
    ["", { source: "git", url: "ssh://git@allowed.example/acme/market" }, "git@allowed.example:/acme/market", true],
    ["", { source: "git", url: "mallory@allowed.example:x" }, "mallory@allowed.example:x", true],
    ["", { source: "git", url: "git@github.com:acme/market" }, "ssh://git@github.com/Acme/market", true],
    ["", { source: "git", url: "git@github.com:acme/market" }, "mallory@github.com:acme/market", false],
    ["", { source: "npm", package: "x" }, "acme/market", false],
    ["", { source: "npm", package: "@acme/m" }, "npm:@acme/m", true],
    ["", { source: "npm", package: "@acme/m" }, "npm:@acme/m@^1", true],
    ["", { source: "npm", package: "@acme/m", version: "^1" }, "npm:@acme/m", false],
    ["NP07", { source: "npm", package: "@acme/m", registry: "https://npm.acme.example" }, "npm:@acme/m", false],
    ["", { source: "hostPattern", hostPattern: "registry.npmjs.org" }, "npm:@acme/m", true],
    ["PB06", { source: "git", url: "http://allowed.example/x" }, "http://allowed.example/x.git", false],
  ])("answers (%s) the allow rule %j asked for %s with %s", (_row, rule, text, allowed) => {
    expect(admits(decideBy({ strictKnownMarketplaces: [rule] }), text)).toBe(allowed);
  });

  it.each([
    ["PB22", { source: "git", url: "https://github.com/acme/bad" }, "acme/bad", false],
    ["PB22", { source: "git", url: "https://github.com/acme/bad" }, "git@github.com:Acme/Bad.git", false],
    ["PB22", { source: "github", repo: "acme/bad" }, "ssh://git@ssh.github.com:443/acme/bad", false],
    ["PB22", { source: "url", url: "https://h.example/acme/bad" }, "https://h.example/acme/bad.git", false],
    ["PB22", { source: "git", url: "https://h.example/acme/bad" }, "https://h.example/acme/bad", false],
    ["", { source: "git", url: "git@h.example:acme/bad" }, "mallory@h.example:acme/bad", false],
    ["", { source: "git", url: "mallory@h.example:acme/bad" }, "ssh://git@h.example/acme/bad", false],
    ["", { source: "url", url: "https://h.example/acme/bad" }, "mallory@h.example:acme/bad", false],
    ["", { source: "github", repo: "acme/*" }, "acme/any", false],
    ["", { source: "hostPattern", hostPattern: ".*evil.example" }, "http://very-evil.example/x.git", false],
    ["", { source: "github", repo: "acme/bad", ref: "v1" }, "acme/bad@v1", false],
    ["", { source: "github", repo: "acme/bad", ref: "v1" }, "acme/bad@v2", true],
    ["", { source: "github", repo: "acme/bad" }, "acme/good", true],
  ])("answers (%s) the block rule %j asked for %s with %s", (_row, rule, text, allowed) => {
    expect(admits(decideBy({ strictKnownMarketplaces: undefined, blockedMarketplaces: [rule] }), text)).toBe(allowed);
  });

  it("lets a block rule win over an allow rule and names it", () => {
    const decide = decideBy({
      strictKnownMarketplaces: [{ source: "github", repo: "acme/*" }],
      blockedMarketplaces: [{ source: "github", repo: "acme/bad" }],
    });
    expect(ask(decide, "acme/bad")).toMatchObject({
      allowed: false,
      rule: { key: "blockedMarketplaces.0", file: "p0.json", line: 9 },
    });
  });

  it.each([
    ["[]", false],
    ["null", false],
    ["{}", false],
    ['"x"', false],
    [undefined, true],
  ])("treats (PB21) an allow list of %s as told", (list, allowed) => {
    const text = list === undefined ? "{}" : `{"strictKnownMarketplaces": ${list}}`;
    expect(admits(makeDecide([readPolicyDocument(text, { file: "p.json" })]), "acme/market")).toBe(allowed);
  });

  it("closes a block list of which one rule cannot be read", () => {
    const document = readPolicyDocument(
      '{"blockedMarketplaces": [{"source": "hostPattern", "hostPattern": "(?=x)"}]}',
      { file: "p.json" },
    );
    expect(document.diagnostics).toMatchObject([{ code: "E_POLICY_INVALID", line: 1, column: 26 }]);
    expect(admits(makeDecide([document]), "acme/market")).toBe(false);
  });

  it("keeps the other rules of an allow list in force", () => {
    const decide = decideBy({
      strictKnownMarketplaces: [{ source: "zip" }, { source: "github", repo: "acme/market" }],
    });
    expect(admits(decide, "acme/market")).toBe(true);
    expect(admits(decide, "evil/market")).toBe(false);
  });

  it.each(["", "{", "[]", '{"a":1,"a":2}', '{"__proto__":{}}'])("blocks everything when the file is %j", (text) => {
    const document = readPolicyDocument(text, { file: "p.json" });
    expect(document.diagnostics).toMatchObject([{ code: "E_POLICY_INVALID", severity: "error" }]);
    const decide = makeDecide([document]);
    expect(admits(decide, "acme/market")).toBe(false);
    expect(decide({ kind: "flag", name: "--plugin-dir" }, "use").allowed).toBe(false);
  });

  it("merges documents to the strictest, whatever their order (PB24)", () => {
    const documents = [
      { strictKnownMarketplaces: [{ source: "github", repo: "acme/*" }], enabledPlugins: { "a@m": false } },
      {
        strictKnownMarketplaces: [
          { source: "github", repo: "acme/market" },
          { source: "github", repo: "other/x" },
        ],
        enabledPlugins: { "a@m": true },
      },
      {},
    ];
    for (const decide of [decideBy(...documents), decideBy(...documents.toReversed())]) {
      expect(["acme/market", "acme/x", "other/x"].map((text) => admits(decide, text))).toEqual([true, false, false]);
      expect(plugin(decide, "a@m").allowed).toBe(false);
    }
  });
});

describe("policy of plugins", () => {
  it("forces, blocks and keeps the rest open", () => {
    const decide = decideBy({ enabledPlugins: { "on@m": true, "off@m": false, "odd@m": "yes" } });
    expect(plugin(decide, "on@m")).toEqual({ allowed: true, forced: true });
    expect(plugin(decide, "on@m", "disable")).toMatchObject({
      allowed: false,
      rule: { key: "enabledPlugins.on@m", line: 3 },
    });
    expect(plugin(decide, "off@m")).toMatchObject({ allowed: false, rule: { key: "enabledPlugins.off@m", line: 4 } });
    expect(plugin(decide, "off@m", "disable")).toEqual({ allowed: true });
    expect(plugin(decide, "odd@m").allowed).toBe(false);
    expect(plugin(decide, "free@m")).toEqual({ allowed: true });
    expect(decide({ kind: "process", id: "off@m", command: "x", args: [] }, "start").allowed).toBe(false);
  });

  it.each<[string, unknown, readonly string[], readonly string[]]>([
    ["shell-everything", false, ["shell-everything@acme", "Shell_Everything@other"], ["shell@acme"]],
    ["shell-everything", true, ["shell-everything@acme"], ["shell@acme"]],
    ["shell-everything@acme@^1", false, ["shell-everything@acme", "shell-everything@other"], ["shell@acme"]],
    ["Shell-Everything@acme", false, ["shell-everything@acme", "shell_everything@ACME"], ["shell-everything@other"]],
    ["shell-everything@acme", "no", ["shell-everything@acme", "Shell-everything@acme"], ["shell-everything@other"]],
    ["*@acme", false, ["shell-everything@acme", "a@other"], []],
    ["", false, ["a@m"], []],
    ["@acme", false, ["a@m"], []],
  ])("blocks with %j: %j what it may mean", (key, value, blocked, free) => {
    const decide = decideBy({ enabledPlugins: { [key]: value } });
    expect(blocked.map((id) => plugin(decide, id).allowed)).toEqual(blocked.map(() => false));
    expect(free.map((id) => plugin(decide, id))).toEqual(free.map(() => ({ allowed: true })));
    expect(plugin(decide, blocked[0]!)).toMatchObject({ rule: { key: `enabledPlugins.${key}`, line: 3 } });
  });

  it("forces on the very plugin alone, and blocks rather than forces", () => {
    const decide = decideBy({ enabledPlugins: { "a-b@m": true, "c@m": true, C: false } });
    expect(plugin(decide, "a-b@m")).toEqual({ allowed: true, forced: true });
    expect(plugin(decide, "a_b@m")).toEqual({ allowed: true });
    expect(plugin(decide, "c@m").allowed).toBe(false);
  });

  it("MK15: withdraws with a reason, whoever wants the plugin on, and closes what it cannot read", () => {
    const yankedPlugins = { "a@m": "it steals", "b@m": true, c: "no market" };
    const decide = decideBy({ enabledPlugins: { "a@m": true }, yankedPlugins });
    for (const action of ["resolve", "fetch", "install", "enable", "load"] as const)
      expect(plugin(decide, "A@M", action)).toMatchObject({
        allowed: false,
        reason: "it was withdrawn: it steals",
        rule: { key: "yankedPlugins.a@m" },
      });
    expect(plugin(decide, "a@m", "disable")).toEqual({ allowed: true });
    expect(decide({ kind: "process", id: "a@m", command: "x", args: [] }, "start").allowed).toBe(false);
    expect(["b@m", "c@m", "c@other", "free@m"].map((id) => plugin(decide, id).allowed)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(plugin(decideBy({ yankedPlugins: ["a@m"] }), "free@m").allowed).toBe(false);
  });

  it("binds the source of a plugin's files too, unless the catalog is trusted (PB12)", () => {
    const market = canonicalSource({ kind: "git", url: "https://allowed.example/acme/market" });
    const git = (url: string) => ({ kind: "git" as const, url, commit: "a".repeat(40), path: "" });
    const admitted = (decide: Decide, url: string): boolean =>
      decide({ kind: "plugin", id: "a@m", market, source: git(url) }, "fetch").allowed;
    expect(admitted(decideBy(ONLY_ACME), "https://allowed.example/acme/market")).toBe(true);
    expect(admitted(decideBy(ONLY_ACME), "https://evil.example/x")).toBe(false);
    expect(admitted(decideBy({ ...ONLY_ACME, pluginSources: "trustCatalog" }), "https://evil.example/x")).toBe(true);
    const blocked = { blockedMarketplaces: [{ source: "hostPattern", hostPattern: "evil.example" }] };
    expect(
      admitted(decideBy({ ...ONLY_ACME, ...blocked, pluginSources: "trustCatalog" }), "https://evil.example/x"),
    ).toBe(false);
  });

  it.each([
    ["/srv/market/plugins/a", true],
    ["/srv/market", true],
    ["/srv/marketing/a", false],
    ["/srv/market/../evil", false],
    ["/home/me/evil", false],
  ])("admits a folder with the local marketplace only when it lies in it: %s", (path, allowed) => {
    const decide = decideBy({ strictKnownMarketplaces: [{ source: "directory", path: "/srv/market" }] });
    const inMarket = canonicalSource({ kind: "directory", path: "/srv/market" });
    const inFile = canonicalSource({ kind: "file", path: "/srv/market/.claude-plugin/marketplace.json" });
    const ask = (market: typeof inMarket, by: Decide): boolean =>
      by({ kind: "plugin", id: "a@m", market, source: { kind: "directory", path } }, "fetch").allowed;
    expect(ask(inMarket, decide)).toBe(allowed);
    const byFile = { strictKnownMarketplaces: [{ source: "file", path: inFile.identity.slice("file:".length) }] };
    expect(ask(inFile, decideBy(byFile))).toBe(allowed);
  });

  it("admits no folder with a marketplace that comes from a repository (PB26)", () => {
    const market = canonicalSource({ kind: "git", url: "https://allowed.example/acme/market" });
    const source = { kind: "directory", path: "/work/evil" } as const;
    const allowed = (listed: boolean, policy: Readonly<Record<string, unknown>>): boolean =>
      decideBy(policy)({ kind: "plugin", id: "a@m", market, source, listed }, "fetch").allowed;
    expect(allowed(true, ONLY_ACME)).toBe(false);
    expect(allowed(true, {})).toBe(true);
    const trusting = { ...ONLY_ACME, pluginSources: "trustCatalog" };
    expect([allowed(true, trusting), allowed(false, trusting)]).toEqual([true, false]);
  });

  it("admits a plugin of no marketplace only where its directory is admitted", () => {
    const loose = (decide: Decide, path?: string): boolean =>
      decide(
        {
          kind: "plugin",
          id: "a@local",
          market: undefined,
          ...(path === undefined ? {} : { source: { kind: "directory", path } }),
        },
        "load",
      ).allowed;
    expect(loose(decideBy({}))).toBe(true);
    expect(loose(decideBy(ONLY_ACME))).toBe(false);
    expect(loose(decideBy(ONLY_ACME), "/srv/x")).toBe(false);
    expect(
      loose(decideBy({ strictKnownMarketplaces: [{ source: "pathPattern", pathPattern: "/srv/.+" }] }), "/srv/x"),
    ).toBe(true);
  });

  it.each([
    [{ disableSideloadFlags: true }, "--plugin-dir", false],
    [{ disableSideloadFlags: "yes" }, "--mcp-config", false],
    [{ disableSideloadFlags: false }, "--plugin-dir", true],
    [{}, "--plugin-dir", true],
    [{ disableSideloadFlags: true }, "--settings", false],
    [{ disableSideloadFlags: true }, "--verbose", true],
    [{ disableUi: true }, "ui", false],
    [{ disableUi: 1 }, "ui", false],
    [{ disableUi: false }, "ui", true],
    [{ disableCommandPluginSources: true }, "command-source", false],
    [{ allowManagedHooksOnly: true }, "command-source", false],
    [{ allowManagedHooksOnly: true, disableCommandPluginSources: false }, "command-source", true],
  ])("answers under %j the flag %s with %s", (document, name, allowed) => {
    expect(decideBy(document)({ kind: "flag", name }, "use").allowed).toBe(allowed);
  });

  it.each([
    [{ disableAllHooks: true }, "a@m", "hook", false],
    [{ disableAllHooks: true }, "a@m", "skill", true],
    [{ allowManagedHooksOnly: true }, "a@m", "hook", false],
    [{ allowManagedHooksOnly: true, enabledPlugins: { "a@m": true } }, "a@m", "hook", true],
    [{ allowManagedHooksOnly: true, trustedHooks: ["a@m"] }, "a@m", "hook", true],
    [{ allowManagedHooksOnly: true, trustedHooks: ["b@m", "a", 1] }, "a@m", "hook", false],
    [{ allowManagedHooksOnly: true, trustedHooks: "a@m" }, "a@m", "hook", false],
    [{ disableAllHooks: true, trustedHooks: ["a@m"] }, "a@m", "hook", false],
  ])("answers under %j for %s a %s with %s", (document, id, kind, allowed) => {
    expect(decideBy(document)({ kind: "contribution", id, contribution: { kind, name: "x" } }, "load").allowed).toBe(
      allowed,
    );
  });
});

describe("compilePolicyPattern", () => {
  it.each([
    ["a", ["a"], ["", "aa", "b"]],
    ["a*", ["", "a", "aaaa"], ["b", "ab"]],
    ["(ab|c)+d?", ["ab", "cab", "abd"], ["", "d", "abdd"]],
    ["[a-c.]x", ["ax", ".x"], ["dx", "x"]],
    ["[^a-c]", ["d", "."], ["a", ""]],
    ["^a\\.b$", ["a.b"], ["axb"]],
    ["\\d+\\w", ["12a", "123"], ["a", "1"]],
    ["(?:a|b)c", ["ac", "bc"], ["c"]],
    [".*x.*", ["x", "axb"], ["ab"]],
  ])("%s matches whole texts only", (text, yes, no) => {
    const pattern = compilePolicyPattern(text);
    if ("problem" in pattern) throw new Error(pattern.problem);
    expect(yes.map((subject) => pattern.matches(subject))).toEqual(yes.map(() => true));
    expect(no.map((subject) => pattern.matches(subject))).toEqual(no.map(() => false));
  });

  it.each([
    "",
    "(",
    ")",
    "a)",
    "[",
    "[]",
    "*a",
    "a**",
    "a{2}",
    "(?=a)",
    "(?<n>a)",
    "a|",
    "\\b",
    "\\",
    "a$b",
    "[z-a]",
    "x".repeat(600),
  ])("refuses %j", (text) => {
    expect(compilePolicyPattern(text)).toHaveProperty("problem");
  });

  it("is linear on a text that makes backtracking engines explode", () => {
    const pattern = compilePolicyPattern("(a*)*(a|aa)+(a?)+b");
    if ("problem" in pattern) throw new Error(pattern.problem);
    expect(pattern.matches("a".repeat(20_000))).toBe(false);
  });
});

function decideBy(...documents: readonly Readonly<Record<string, unknown>>[]): Decide {
  return makeDecide(
    documents.map((document, index) =>
      readPolicyDocument(JSON.stringify(document, null, 1), { file: `p${index}.json` }),
    ),
  );
}

function ask(decide: Decide, text: string): PolicyDecision {
  const source = parseMarketplaceArgument(text, (path) => (path.startsWith("/") ? "directory" : undefined));
  return decide({ kind: "marketplace", ...canonicalSource(source) }, "add");
}

/** Refused by the parser counts as refused. */
function admits(decide: Decide, text: string): boolean {
  try {
    return ask(decide, text).allowed;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return false;
  }
}

function plugin(decide: Decide, id: string, action: PolicyAction = "load"): PolicyDecision {
  return decide({ kind: "plugin", id, market: canonicalSource({ kind: "github", repo: "acme/market" }) }, action);
}
