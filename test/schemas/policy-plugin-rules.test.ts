import { describe, expect, it } from "vitest";
import { canonicalSource } from "../../schemas/identity.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import { ageExceptionOf, demandsAge, minimumAgeOf } from "../../schemas/policy-age.ts";
import { makeDecide } from "../../schemas/policy-decision.ts";
import { givenConsent, requiredPlugins } from "../../schemas/policy-required.ts";
import {
  type PolicyAction,
  type PolicyDocument,
  type PolicySubject,
  readPolicyDocument,
} from "../../schemas/policy.ts";

type Rules = Readonly<Record<string, unknown>>;
type PluginSubject = Extract<PolicySubject, { kind: "plugin" }>;

const [A, B, C] = ["a", "b", "c"].map((digit) => `sha256-${digit.repeat(64)}`) as [string, string, string];

function read(...documents: readonly Rules[]): readonly PolicyDocument[] {
  return documents.map((document, at) =>
    readPolicyDocument(JSON.stringify(document, null, 1), { file: `p${String(at)}.json` }),
  );
}

/** What policy says of a plugin: `allowed`, `forced`, or the key of the rule that denies it and why. */
function said(documents: readonly Rules[], subject: Partial<PluginSubject>, action: PolicyAction = "load"): string {
  const market = canonicalSource({ kind: "github", repo: "acme/market" });
  const decision = makeDecide(read(...documents))({ kind: "plugin", id: "fmt@house", market, ...subject }, action);
  if (decision.allowed) return decision.forced === true ? "forced" : "allowed";
  return `${decision.rule.key}: ${decision.reason}`;
}

describe("rules about single plugins", () => {
  const pinned = { "fmt@house": { rule: "required", version: "^1.2", digest: [A, B] } };
  it.each<[rules: Rules | readonly Rules[], subject: Partial<PluginSubject>, says: string | RegExp]>([
    [{ "fmt@house": "allowed" }, {}, "allowed"],
    [{ "fmt@house": "required" }, {}, "forced"],
    [{ "fmt@house": "blocked" }, {}, "plugins.fmt@house: this rule blocks the plugin"],
    [{ "fmt@house": { rule: "blocked", reason: "it phones home" } }, {}, /blocks the plugin: it phones home$/],
    [{ "fmt@house": "blocked" }, { id: "FMT@House" }, /plugins\.fmt@house: this rule is about/],
    [{ "my-tool@house": "allowed" }, { id: "my_tool@house" }, /spelled otherwise/],
    [{ "*": "blocked" }, {}, "plugins.*: this rule blocks every plugin that no other rule of its file names"],
    [{ "*": "blocked", "fmt@house": "allowed" }, {}, "allowed"],
    [{ "*": "blocked", "*@house": "allowed" }, {}, "allowed"],
    [{ "*": "blocked", "*@house": "allowed" }, { id: "x@other" }, /^plugins\.\*: /],
    [{ "*": "allowed", "*@house": "blocked" }, {}, /^plugins\.\*@house: /],
    [{ "*": "blocked" }, { id: "memory@builtin" }, "allowed"],
    [{ "*": "blocked" }, { id: "settings@project" }, "allowed"],
    [{ "*@project": "blocked" }, { id: "settings@project" }, /^plugins\.\*@project: /],
    [{ "*": "blocked" }, { id: "given@inline" }, /^plugins\.\*: /],
    [pinned, { version: "1.4.0", tree: B }, "forced"],
    [pinned, { version: "1.1.9", tree: A }, /admits `\^1\.2` only, and this is 1\.1\.9$/],
    [pinned, { version: "unknown", tree: A }, /admits/],
    [pinned, { version: "1.2.0", tree: C }, /pins other files/],
    [pinned, {}, "forced"],
    [{ "*@house": { version: ">=2 <3" } }, { version: "1.0.0" }, /^plugins\.\*@house: /],
    // Of two files the strictest counts.
    [[{ "fmt@house": "required" }, { "fmt@house": "blocked" }], {}, /this rule blocks/],
    [[{ "*": "blocked" }, { "fmt@house": "allowed" }], {}, /^plugins\.\*: /],
    [[{ "fmt@house": { version: "^1" } }, { "fmt@house": { version: "^1.5" } }], { version: "1.4.0" }, /\^1\.5/],
    [[{ "fmt@house": { digest: A } }, { "fmt@house": { digest: B } }], { tree: A }, /pins other files/],
    [[{ "fmt@house": "required" }, { "fmt@house": "allowed" }], {}, "forced"],
  ])("%j says of %j: %s", (rules, subject, says) => {
    const documents = (Array.isArray(rules) ? rules : [rules]).map((plugins: unknown) => ({ plugins }));
    if (typeof says === "string") expect(said(documents, subject)).toBe(says);
    else expect(said(documents, subject)).toMatch(says);
  });

  it.each<[value: unknown, problem: string]>([
    ["maybe", "must say `required`, `allowed` or `blocked`"],
    [true, "must be `required`, `allowed`, `blocked` or an object"],
    [{ rule: "allowed", versoin: "1" }, "has an unknown member `versoin`"],
    [{ version: "one" }, "needs a range"],
    [{ version: "" }, "needs a range"],
    [{ digest: "sha256-1" }, "needs `sha256-`"],
    [{ digest: [] }, "needs `sha256-`"],
    [{ minimumReleaseAge: "soon", reason: "x" }, "needs minutes or a text"],
    [{ minimumReleaseAge: 0 }, "needs a `reason` beside `minimumReleaseAge`"],
    [{ minimumReleaseAge: 0, reason: " " }, "needs a text as `reason`"],
  ])("a rule that cannot be read blocks its plugin and no other: %j", (value, problem) => {
    const [document] = read({ plugins: { "fmt@house": value, "ok@house": "allowed" } });
    expect(document?.diagnostics).toMatchObject([{ code: "E_POLICY_INVALID", line: 3 }]);
    expect(document?.diagnostics[0]?.message).toContain(problem);
    const documents = [{ plugins: { "fmt@house": value } }];
    expect(said(documents, {})).toMatch(/cannot be read, so it blocks/);
    expect(said(documents, { id: "other@house" })).toBe("allowed");
  });

  it.each<[plugins: unknown, id: string, says: RegExp | "allowed"]>([
    [[], "any@where", /^plugins: this key cannot be read/],
    [{ "*": "required" }, "any@where", /^plugins\.\*: this rule cannot be read/],
    [{ fmt: "allowed" }, "fmt@house", /^plugins\.fmt: this rule cannot be read/],
    [{ fmt: "allowed" }, "other@house", "allowed"],
    [{ "": "blocked" }, "any@where", /^plugins\.: this key cannot be read/],
    [{ "a-b@m": "allowed", "a_b@m": "allowed" }, "a-b@m", /cannot be read/],
  ])("what names nothing closes the key: %j for %s", (plugins, id, says) => {
    const answer = said([{ plugins }], { id });
    if (says === "allowed") expect(answer).toBe(says);
    else expect(answer).toMatch(says);
  });

  it("names of administrators' marketplaces are theirs", () => {
    const rules = { extraKnownMarketplaces: { house: { source: { source: "github", repo: "acme/market" } } } };
    const other = canonicalSource({ kind: "github", repo: "evil/market" });
    expect(said([rules], {})).toBe("allowed");
    expect(said([rules], { market: other })).toMatch(/^extraKnownMarketplaces\.house: /);
    expect(said([rules], { market: other, id: "fmt@elsewhere" })).toBe("allowed");
    const added = makeDecide(read(rules))({ kind: "marketplace", name: "house", ...other }, "add");
    expect(added).toMatchObject({ allowed: false, rule: { key: "extraKnownMarketplaces.house", line: 3 } });
  });

  it("required plugins are those that nothing blocks, and none is switched off", () => {
    const documents = [
      { plugins: { "b@m": "required", "a@m": { rule: "required" }, "x@m": "required", "c@m": "allowed" } },
      { plugins: { "a@m": { rule: "required", version: "1.0.0" } }, enabledPlugins: { "x@m": false, "y@m": true } },
    ];
    expect(requiredPlugins(read(...documents)).map(({ id, range }) => `${id} ${range}`)).toEqual([
      "a@m 1.0.0",
      "b@m *",
    ]);
    expect(said(documents, { id: "b@m" }, "disable")).toBe("plugins.b@m: this rule requires it");
    expect(said(documents, { id: "c@m" }, "disable")).toBe("allowed");
  });

  it.each<[rule: Rules, subject: Partial<Parameters<typeof givenConsent>[1]>, isGiven: boolean]>([
    [{ rule: "required", digest: A }, {}, true],
    [{ rule: "required", digest: A }, { hasLaunchers: true }, false],
    [{ rule: "required", digest: B }, {}, false],
    [{ rule: "required", version: "1.0.0" }, {}, false],
    [{ rule: "allowed", digest: A }, {}, false],
    [{ rule: "allowed", accept: C }, { hasLaunchers: true }, true],
    [{ rule: "blocked", accept: C }, {}, false],
    [{ rule: "required", digest: A }, { id: "FMT@house" }, false],
  ])("the rule %j stands for a person's yes to %j: %s", (rule, subject, isGiven) => {
    const asked = { id: "fmt@house", tree: A, closure: C, hasLaunchers: false, ...subject };
    expect(givenConsent(read({ plugins: { "fmt@house": rule } }), asked) !== undefined).toBe(isGiven);
  });
});

describe("rules on the plugin's own source", () => {
  const git = (url: string): LockedSource => ({ kind: "git", url, commit: "0".repeat(40), path: "" });
  const npm = (name: string, registry?: string): LockedSource => ({
    kind: "npm",
    package: name,
    version: "1.0.0",
    integrity: "",
    ...(registry !== undefined && { registry }),
  });
  const archive: LockedSource = { kind: "archive", url: "https://dl.acme.example/x.tgz", sha256: "0".repeat(64) };
  const only = (rule: unknown): Rules => ({ allowedPluginSources: [rule] });
  const never = (rule: unknown): Rules => ({ blockedPluginSources: [rule] });
  it.each<[rules: Rules, source: LockedSource, allowed: boolean]>([
    [only({ source: "github", repo: "acme/tools" }), git("https://github.com/acme/tools.git"), true],
    [only({ source: "github", repo: "acme/tools" }), git("https://github.com/evil/tools.git"), false],
    [only({ source: "github", repo: "acme/*" }), git("https://github.com/acme/any.git"), true],
    [only({ source: "github", repo: "acme/*" }), git("https://github.com/acme-evil/any.git"), false],
    [only({ source: "hostPattern", hostPattern: "(.*\\.)?acme.example" }), archive, true],
    [only({ source: "hostPattern", hostPattern: "acme.example" }), archive, false],
    [only({ source: "hostPattern", hostPattern: "git.acme.example" }), git("https://git.acme.example/x.git"), true],
    [
      only({ source: "pathPattern", pathPattern: "/srv/plugins/.*" }),
      { kind: "directory", path: "/srv/plugins/x" },
      true,
    ],
    [only({ source: "pathPattern", pathPattern: "/srv/plugins/.*" }), { kind: "directory", path: "/tmp/x" }, false],
    [only({ source: "npm", package: "@acme/*" }), npm("@acme/tool"), true],
    [only({ source: "npm", package: "@acme/*" }), npm("@acme-evil/tool"), false],
    [only({ source: "npm", package: "@acme/*" }), npm("@acme/tool", "https://npm.evil.example/"), false],
    [only({ source: "npm", package: "@acme/*", registry: "https://npm.acme.example" }), npm("@acme/tool"), false],
    [only({ source: "npm", package: "tool" }), npm("tool"), true],
    [only({ source: "github", repo: "acme/*" }), { kind: "command", command: "fetch-it" }, false],
    // The marketplace's own repository is no exception where nothing else says that the marketplace is trusted.
    [only({ source: "github", repo: "acme/tools" }), git("https://github.com/acme/market.git"), false],
    [
      {
        ...only({ source: "npm", package: "@acme/*" }),
        strictKnownMarketplaces: [{ source: "github", repo: "acme/market" }],
      },
      git("https://github.com/acme/market.git"),
      true,
    ],
    [
      {
        ...only({ source: "npm", package: "@acme/*" }),
        strictKnownMarketplaces: [{ source: "github", repo: "acme/*" }],
      },
      git("https://github.com/acme/other.git"),
      false,
    ],
    [{ ...only({ source: "npm", package: "@acme/*" }), pluginSources: "trustCatalog" }, npm("@evil/x"), false],
    [never({ source: "npm", package: "@evil/*" }), npm("@evil/x", "https://npm.acme.example/"), false],
    [never({ source: "github", repo: "evil/*" }), git("ssh://git@github.com/Evil/x.git"), false],
    [never({ source: "github", repo: "evil/*" }), git("https://github.com/acme/x.git"), true],
    [{ allowedPluginSources: [] }, npm("x"), false],
    [{ allowedPluginSources: "npm" }, npm("x"), false],
    [never({ source: "hostPattern", hostPattern: "(?=x)" }), npm("x"), false],
    [never({ source: "npm", package: "@acme/*", version: "^1" }), npm("x"), false],
  ])("%j admits %j: %s", (rules, source, allowed) => {
    expect(said([rules], { source }) === "allowed").toBe(allowed);
  });

  it("of two files both have to admit it", () => {
    const documents = [only({ source: "github", repo: "acme/*" }), only({ source: "github", repo: "acme/tools" })];
    expect(said(documents, { source: git("https://github.com/acme/tools.git") })).toBe("allowed");
    expect(said(documents, { source: git("https://github.com/acme/other.git") })).toMatch(/^allowedPluginSources: /);
  });
});

describe("requirePin", () => {
  const git: LockedSource = {
    kind: "git",
    url: "https://github.com/acme/market.git",
    commit: "0".repeat(40),
    path: "",
  };
  const folder: LockedSource = { kind: "directory", path: "/srv/x" };
  const digest = { plugins: { "fmt@house": { digest: A } } };
  it.each<[rules: Rules, subject: Partial<PluginSubject>, allowed: boolean]>([
    [{}, { range: "1.2.3", source: git }, true],
    [{}, { range: "=1.2.3", source: git }, true],
    [{}, { range: "^1.2.3", source: git }, false],
    [{}, { range: "*", source: git }, false],
    [{}, { source: git }, true],
    [{}, { range: "1.2.3", source: folder }, false],
    [{}, { range: "1.2.3", source: { kind: "command", command: "x" } }, false],
    [digest, { range: "*", source: folder, tree: A }, true],
    [digest, { range: "*", source: folder, tree: B }, false],
  ])("beside %j admits %j: %s", (rules, subject, allowed) => {
    expect(said([{ requirePin: true, ...rules }], subject) === "allowed").toBe(allowed);
    expect(said([rules, { requirePin: "yes" }], subject) === "allowed").toBe(allowed);
    expect(said([{ requirePin: true }], subject, "disable")).toBe("allowed");
  });
});

describe("capability ceilings", () => {
  it.each<[ceilings: unknown, capability: string, id: string, allowed: boolean]>([
    [{ mcp: [] }, "mcp", "fmt@house", false],
    [{ mcp: [] }, "hook", "fmt@house", true],
    [{ mcp: ["fmt@house"] }, "mcp", "fmt@house", true],
    [{ mcp: ["fmt@house"] }, "mcp", "other@house", false],
    [{ entry: ["*@house"], net: [] }, "entry", "fmt@house", true],
    [{ entry: ["*@house"], net: [] }, "net", "fmt@house", false],
    [{ hook: [] }, "hook", "turn-loop@builtin", true],
    [{ hook: [] }, "hook", "settings@managed", true],
    [{ hook: [] }, "hook", "settings@project", false],
    [{ hook: "fmt@house" }, "hook", "fmt@house", false],
    [{ hook: ["fmt@house", "fmt"] }, "hook", "fmt@house", false],
    [{ hooks: ["fmt@house"] }, "mcp", "fmt@house", false],
    [[], "lsp", "fmt@house", false],
  ])("%j lets `%s` be brought by %s: %s", (capabilityCeilings, capability, id, allowed) => {
    const decide = makeDecide(read({ capabilityCeilings }));
    expect(decide({ kind: "capability", id, capability }, "load").allowed).toBe(allowed);
    const contribution = { kind: capability, name: "x" };
    expect(decide({ kind: "contribution", id, contribution }, "load").allowed).toBe(allowed);
  });

  it("of two files the lists have to agree", () => {
    const decide = makeDecide(
      read({ capabilityCeilings: { mcp: ["a@m", "b@m"] } }, { capabilityCeilings: { mcp: ["b@m"] } }),
    );
    const may = (id: string): boolean => decide({ kind: "capability", id, capability: "mcp" }, "install").allowed;
    expect(["a@m", "b@m"].map(may)).toEqual([false, true]);
  });
});

describe("the age of releases", () => {
  const day = 86_400_000;
  const hurry = { plugins: { "fmt@house": { minimumReleaseAge: "1d", reason: "CVE fix" } } };
  it.each<[documents: readonly Rules[], days: number | undefined, reason: string | undefined]>([
    [[{}], undefined, undefined],
    [[{ minimumReleaseAge: "3d" }], 3, undefined],
    [[{ minimumReleaseAge: "3d", ...hurry }], 1, "CVE fix"],
    [
      [{ minimumReleaseAge: "3d", plugins: { "*@house": { minimumReleaseAge: 0, reason: "ours" } } }],
      undefined,
      "ours",
    ],
    [
      [{ minimumReleaseAge: "3d", plugins: { "fmt@house": { minimumReleaseAge: "9d", reason: "risky" } } }],
      9,
      undefined,
    ],
    // An exception is one from its own file.
    [[{ minimumReleaseAge: "3d" }, hurry], 3, undefined],
    [[hurry], 1, undefined],
  ])("%j asks for %s days, because %s", (documents, days, reason) => {
    const policy = read(...documents);
    expect(minimumAgeOf(policy, "fmt@house")?.ms).toBe(days === undefined ? undefined : days * day);
    expect(ageExceptionOf(policy, "fmt@house")?.reason).toBe(reason);
    expect(demandsAge(policy)).toBe(Object.keys(documents[0] ?? {}).length > 0);
    expect(ageExceptionOf(policy, "other@elsewhere")).toBeUndefined();
  });
});

describe("switches", () => {
  it.each<[rules: Rules, flag: string, allowed: boolean]>([
    [{}, "unlocked-launchers", true],
    [{ requireLockedLaunchers: true }, "unlocked-launchers", false],
    [{ requireLockedLaunchers: 1 }, "unlocked-launchers", false],
  ])("%j answers `%s` with %s", (rules, name, allowed) => {
    expect(makeDecide(read(rules))({ kind: "flag", name }, "load").allowed).toBe(allowed);
  });

  it("a key that is one of ours but for a slip is reported, and settings are not", () => {
    const [document] = read({
      capabilityCeiling: {},
      plugin: {},
      secret: {},
      hooks: {},
      permissions: {},
      model: "x",
      env: {},
    });
    expect(document?.diagnostics.map(({ message }) => message.slice(message.indexOf("did")))).toEqual([
      "did you mean `capabilityCeilings`?",
      "did you mean `plugins`?",
      "did you mean `secrets`?",
    ]);
  });

  it.each<[secrets: unknown, allowed: readonly string[] | undefined, said: readonly string[]]>([
    [{ allowedBackends: ["keychain", "memory"], backend: "memory", command: {} }, ["keychain", "memory"], []],
    [{ allowedBackends: [] }, [], []],
    [{}, undefined, []],
    [{ allowedBackend: ["keychain"] }, undefined, ["did you mean `secrets.allowedBackends`?"]],
    [{ allowedBackends: ["keychains"] }, [], ['invalid member "keychains"']],
    [{ allowedBackends: "keychain" }, [], ["must be a list"]],
    [{ backend: "disk" }, undefined, ["`secrets.backend` is no back end"]],
    [["keychain"], [], ["must be an object"]],
  ])("where secrets may lie: %j", (secrets, allowed, said) => {
    const [document] = read({ secrets });
    expect(document?.secrets.allowed?.backends).toEqual(allowed);
    expect(document?.diagnostics.map(({ message }) => message)).toEqual(
      said.map((one) => expect.stringContaining(one)),
    );
  });

  it("a file that cannot be read closes every new key too", () => {
    const policy = [readPolicyDocument("{", { file: "p.json" })];
    const decide = makeDecide(policy);
    for (const capability of ["hook", "entry", "net"])
      expect(decide({ kind: "capability", id: "a@m", capability }, "load").allowed).toBe(false);
    expect(decide({ kind: "flag", name: "unlocked-launchers" }, "load").allowed).toBe(false);
    expect(requiredPlugins(policy)).toEqual([]);
    expect(policy[0]?.flags.hideDisallowed?.value).toBe(true);
  });
});
