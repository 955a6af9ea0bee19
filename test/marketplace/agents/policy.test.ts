import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { compilePolicy } from "../../../marketplace/agents/policy/compile-policy.ts";
import { POLICY_AGENTS, type PolicyAgent } from "../../../marketplace/agents/policy/policy-agent.ts";
import { canonicalSource } from "../../../schemas/identity.ts";
import { parseMarketplaceSource } from "../../../schemas/marketplace-source.ts";
import { makeDecide } from "../../../schemas/policy-decision.ts";
import { readPolicyDocument } from "../../../schemas/policy.ts";

type Json = Readonly<Record<string, unknown>>;

async function compiled(agent: PolicyAgent, ...roots: readonly Json[]) {
  const policy = roots.map((root, index) => ({
    root,
    document: readPolicyDocument(JSON.stringify(root), { file: `/managed.d/${String(index)}.json` }),
  }));
  expect(policy.flatMap(({ document }) => document.diagnostics)).toEqual([]);
  const { text, losses } = await compilePolicy(policy, agent);
  const written: Json = agent === "codex" ? parse(text) : (JSON.parse(text) as Json);
  return { written, losses, said: losses.map(({ effect, key }) => `${effect} ${key}`) };
}

const github = (repo: string, more: Json = {}): Json => ({ source: "github", repo, ...more });
const git = (url: string, more: Json = {}): Json => ({ source: "git", url, ...more });
const host = (hostPattern: string): Json => ({ source: "hostPattern", hostPattern });

/** Policies with what each agent's list is to hold of them, by the index of the rule. */
const LISTS: readonly (readonly [what: string, policy: Json, claude: readonly Json[], codex: number])[] = [
  ["an empty list", { strictKnownMarketplaces: [] }, [], 0],
  ["a repository", { strictKnownMarketplaces: [github("acme/plugins")] }, [github("acme/plugins")], 1],
  [
    "a pattern, anchored and with its dots as dots",
    { strictKnownMarketplaces: [host("git.acme.example")] },
    [host(String.raw`^(?:git\.acme\.example)$`)],
    1,
  ],
  [
    "an owner, which Codex does not know",
    { strictKnownMarketplaces: [github("acme/*"), github("other/x")] },
    [github("acme/*"), github("other/x")],
    1,
  ],
  [
    "what two lists admit, and nothing that one of them does",
    {
      strictKnownMarketplaces: [github("acme/plugins"), github("acme/more")],
      allowedMarketplaces: [host("github.com")],
    },
    [github("acme/plugins"), github("acme/more")],
    2,
  ],
  [
    "two lists that have nothing in common",
    { strictKnownMarketplaces: [github("acme/plugins")], allowedMarketplaces: [github("other/x")] },
    [],
    0,
  ],
  [
    "a list without what is blocked in any spelling",
    {
      strictKnownMarketplaces: [github("acme/plugins"), github("Evil/Market")],
      blockedMarketplaces: [git("ssh://git@github.com/evil/market")],
    },
    [github("acme/plugins")],
    1,
  ],
  [
    "a list without the pattern that a block is part of",
    {
      strictKnownMarketplaces: [host(String.raw`(.*\.)?acme\.example`), git("https://git.acme.example/good.git")],
      blockedMarketplaces: [git("https://git.acme.example/bad.git")],
    },
    [git("https://git.acme.example/good.git")],
    1,
  ],
];

describe("a policy for another agent", () => {
  it.each(LISTS)("holds %s", async (_, policy, rules, count) => {
    for (const agent of ["claude", "copilot", "vscode"] as const) {
      const expected = agent === "claude" ? rules : rules.filter(({ repo }) => !String(repo).endsWith("/*"));
      expect((await compiled(agent, policy)).written["strictKnownMarketplaces"]).toEqual(expected);
    }
    const { marketplaces } = (await compiled("codex", policy)).written as { marketplaces: Json };
    expect(marketplaces["restrict_to_allowed_sources"]).toBe(true);
    expect(Object.keys(marketplaces["allowed_sources"] ?? {})).toHaveLength(count);
  });

  it("holds only kinds of rules that the agent reads, because one that it does not makes Copilot CLI ignore the file", async () => {
    const policy = {
      strictKnownMarketplaces: [
        github("acme/plugins"),
        { source: "settings", name: "house", plugins: [] },
        { source: "skills-dir" },
        { source: "npm", package: "@acme/plugins" },
      ],
      extraKnownMarketplaces: {
        acme: { source: github("acme/plugins"), autoUpdate: true },
        document: { source: { source: "url", url: "https://acme.example/marketplace.json" } },
      },
    };
    const { written, said } = await compiled("copilot", policy);
    expect(written).toEqual({
      strictKnownMarketplaces: [github("acme/plugins")],
      extraKnownMarketplaces: { acme: { source: github("acme/plugins"), autoUpdate: true } },
    });
    for (const index of [1, 2, 3]) expect(said).toContain(`stricter strictKnownMarketplaces.${String(index)}`);
    expect(said).toContain("stricter extraKnownMarketplaces.document");
  });

  it("is one file for Copilot CLI and VS Code, who share its place", async () => {
    const policy = {
      allowManagedHooksOnly: true,
      disableAllHooks: true,
      enabledPlugins: { "must@acme": true, "never@acme": false },
      strictPluginOnlyCustomization: true,
      permissions: { deny: [] },
    };
    const [copilot, vscode] = [await compiled("copilot", policy), await compiled("vscode", policy)];
    expect(copilot.written).toEqual(vscode.written);
    expect(copilot.said).toContain("weaker strictPluginOnlyCustomization");
    expect(vscode.said).not.toContain("weaker strictPluginOnlyCustomization");
  });

  it.each<[policy: Json, keys: readonly string[], agents: string]>([
    [{ blockedMarketplaces: [github("evil/market")] }, ["blockedMarketplaces.0"], "claude codex copilot vscode"],
    [{ minimumReleaseAge: "3d" }, ["minimumReleaseAge"], "claude codex copilot vscode"],
    [{ strictKnownMarketplaces: [] }, ["pluginSources"], "claude codex copilot vscode"],
    [{ strictKnownMarketplaces: [], pluginSources: "trustCatalog" }, [], "claude codex copilot vscode"],
    [{ enabledPlugins: { "a@b": false } }, ["enabledPlugins.a@b"], "codex copilot"],
    [{ yankedPlugins: { "a@b": "leaks" } }, ["yankedPlugins.a@b"], "codex copilot"],
    [{ disableSideloadFlags: true }, ["disableSideloadFlags"], "codex copilot vscode"],
    [{ allowManagedHooksOnly: true }, ["allowManagedHooksOnly"], "copilot"],
    [{ disableAllHooks: true }, ["disableAllHooks"], "copilot vscode"],
    [{ plugins: { "a@b": "blocked" } }, ["plugins.a@b"], "codex copilot"],
    [{ plugins: { "a@b": { rule: "allowed", version: "^1.0.0" } } }, ["plugins.a@b"], "claude codex copilot vscode"],
    [{ capabilityCeilings: { hook: [] } }, ["capabilityCeilings.hook"], "claude codex copilot vscode"],
    [{ allowedPluginSources: [github("acme/*")] }, ["allowedPluginSources"], "claude codex copilot vscode"],
    [{ blockedPluginSources: [github("evil/*")] }, ["blockedPluginSources"], "claude codex copilot vscode"],
    [{ requireLockedLaunchers: true }, ["requireLockedLaunchers"], "claude codex copilot vscode"],
    [{ requirePin: true, hideDisallowed: true }, ["requirePin"], "claude codex copilot vscode"],
    [
      { secrets: { allowedBackends: ["keychain"], backend: "keychain" } },
      ["secrets.allowedBackends"],
      "claude codex copilot vscode",
    ],
    [{ permissions: {} }, ["permissions"], "codex copilot vscode"],
    [{ disableUi: true, disableCommandPluginSources: true }, [], "claude codex copilot vscode"],
    [{ refuseEscapingLinks: false, verifyOnLoad: false, disableSideloadFlags: false }, [], ""],
  ])("says of %j what is not enforced", async (policy, keys, agents) => {
    for (const agent of POLICY_AGENTS) {
      const { losses } = await compiled(agent, policy);
      const weaker = losses.filter(({ effect }) => effect === "weaker");
      const expected = agents.split(" ").includes(agent) ? keys : [];
      const told = weaker.map(({ key }) => key).filter((key) => key !== "pluginSources" || keys.includes(key));
      expect({ agent, keys: [...new Set(told)] }).toEqual({ agent, keys: expected });
      for (const { hint } of weaker) expect(hint).toBeTypeOf("string");
    }
  });

  it("has the strictest of several files, and of a key that two have otherwise the first", async () => {
    const { written, said } = await compiled(
      "claude",
      {
        strictKnownMarketplaces: [github("acme/a"), github("acme/b")],
        enabledPlugins: { "x@a": true },
        permissions: {},
      },
      {
        strictKnownMarketplaces: [github("acme/b")],
        enabledPlugins: { "x@a": false },
        permissions: { deny: ["Bash"] },
      },
    );
    expect(written).toEqual({
      strictKnownMarketplaces: [github("acme/b")],
      enabledPlugins: { "x@a": false },
      permissions: {},
    });
    expect(said).toContain("weaker permissions");
  });

  it("switches the hooks and catalogs of Codex with its features", async () => {
    const { written } = await compiled("codex", { disableAllHooks: true, strictKnownMarketplaces: [] });
    expect(written["features"]).toEqual({ plugins: false, remote_plugin: false, plugin_sharing: false, hooks: false });
  });
});

/** What Claude Code 2.1.332 and Codex 0.171.0 were seen to admit, for the kinds of rules and sources below. */
const CLIENTS: Readonly<Record<"claude" | "codex", (written: Json, source: Json) => boolean>> = {
  claude: (written, source) => {
    const isOne = (rule: Json): boolean => {
      if (rule["source"] === "hostPattern") return new RegExp(String(rule["hostPattern"]), "u").test(hostOf(source));
      const [owner, all] = String(rule["repo"]).split("/");
      if (all === "*") return source["source"] === "github" && String(source["repo"]).startsWith(`${owner ?? ""}/`);
      return ["source", "repo", "url", "ref"].every((member) => rule[member] === source[member]);
    };
    return listOf(written["strictKnownMarketplaces"]).some(isOne);
  },
  codex: ({ marketplaces }, source) => {
    const rules = Object.values(
      (marketplaces as { allowed_sources?: Readonly<Record<string, Json>> }).allowed_sources ?? {},
    );
    return rules.some((rule) =>
      rule["source"] === "host_pattern"
        ? new RegExp(String(rule["host_pattern"]), "u").test(hostOf(source))
        : rule["url"] === urlOf(source) && (rule["ref"] === undefined || rule["ref"] === source["ref"]),
    );
  },
};

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const urlOf = ({ repo, url }: Json): string =>
  repo === undefined ? String(url) : `https://github.com/${String(repo)}.git`;
const hostOf = (source: Json): string => /^(?:\w+:\/\/)?(?:\w+@)?([^/:]+)/u.exec(urlOf(source))?.[1] ?? "";

it("admits nothing in Claude Code and Codex that the policy refuses, for every pair of rules, block and source", async () => {
  const sources = [
    github("acme/plugins"),
    github("acme/plugins", { ref: "v1" }),
    github("ACME/Plugins"),
    github("evil/plugins"),
    git("https://github.com/acme/plugins.git"),
    git("git@github.com:acme/plugins.git"),
    git("https://git.acme.example/a.git"),
    git("ssh://git@git.acme.example/a.git"),
    git("https://git.acme.example.evil.example/a.git"),
    git("https://gitxacme.example/a.git"),
  ];
  const rules = [
    ...sources.slice(0, 2),
    ...sources.slice(4, 7),
    github("acme/*"),
    host("git.acme.example"),
    host(String.raw`github\.com`),
    host(String.raw`(.*\.)?acme\.example`),
  ];
  let admitted = 0;
  const looser: unknown[] = [];
  for (const [index, rule] of rules.entries()) {
    for (const other of [...rules.slice(index), undefined]) {
      for (const block of [...rules, undefined]) {
        const policy = {
          strictKnownMarketplaces: [rule],
          ...(other === undefined ? {} : { allowedMarketplaces: [other, rules[0]] }),
          ...(block === undefined ? {} : { blockedMarketplaces: [block] }),
        };
        const document = readPolicyDocument(JSON.stringify(policy), { file: "/managed.json" });
        const decide = makeDecide([document]);
        for (const agent of ["claude", "codex"] as const) {
          const { text } = await compilePolicy([{ document, root: policy }], agent);
          const written: Json = agent === "codex" ? parse(text) : (JSON.parse(text) as Json);
          const taken = sources.filter((one) => CLIENTS[agent](written, one));
          admitted += taken.length;
          for (const source of taken) {
            const subject = { kind: "marketplace" as const, ...canonicalSource(parseMarketplaceSource(source)) };
            if (!decide(subject, "add").allowed) looser.push({ agent, policy, source });
          }
        }
      }
    }
  }
  expect(looser).toEqual([]);
  expect(admitted).toBeGreaterThan(100);
});
