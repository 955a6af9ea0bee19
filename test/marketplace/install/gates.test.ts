import { expect, it } from "vitest";
import { passLaunchers, passPolicy } from "../../../marketplace/install/gates.ts";
import type { GenerationPlugin } from "../../../schemas/generation.ts";
import type { PluginManifest } from "../../../schemas/plugin-manifest.ts";
import { EMPTY_INTENT, type Intent } from "../../../schemas/plugins-json.ts";
import { makeDecide } from "../../../schemas/policy-decision.ts";
import { readPolicyDocument } from "../../../schemas/policy.ts";

const MANIFEST: PluginManifest = {
  schema: 1,
  format: "claude-code",
  name: "fmt",
  keywords: [],
  defaultEnabled: true,
  dependencies: [],
  userConfig: {},
  channels: [],
  settings: {},
  contributions: [],
  provenance: {},
};

const PLUGIN: GenerationPlugin = {
  id: "fmt@house",
  version: "1.2.3",
  format: "claude-code",
  enabled: true,
  requested: true,
  scope: "project",
  tree: `sha256-${"a".repeat(64)}`,
  manifest: `sha256-${"b".repeat(64)}`,
  disabledComponents: [],
  consent: "",
  source: { kind: "git", url: "https://github.com/acme/market.git", commit: "0".repeat(40), path: "" },
  dependencies: {},
  provides: {},
  tokens: 0,
  bytes: 0,
  installedAt: "2026-01-01T00:00:00.000Z",
};

const wants = (range: string | undefined): Intent => ({
  ...EMPTY_INTENT,
  plugins: range === undefined ? {} : { "fmt@house": { range, enabled: true } },
});

function services(policy: object) {
  const denied: string[] = [];
  const audit = { append: ({ action }: { readonly action: string }) => void denied.push(action), heads: () => [] };
  return { denied, audit, decide: makeDecide([readPolicyDocument(JSON.stringify(policy), { file: "/managed.json" })]) };
}

it.each<[shared: string | undefined, local: string | undefined, scope: "project" | "local", said: string | undefined]>([
  ["1.2.3", undefined, "project", undefined],
  ["^1", undefined, "project", "exact version such as `1.2.3`, and `^1` is none"],
  ["1.2.3", "^1", "project", undefined],
  ["1.2.3", "*", "local", "and `*` is none"],
  [undefined, undefined, "project", undefined],
])("requirePin looks at who wants it: shared %s, private %s, from the %s set", (shared, local, scope, said) => {
  const { denied, ...asked } = services({ requirePin: true });
  const root = {
    plugins: [{ ...PLUGIN, scope }],
    shared: wants(shared),
    local: wants(local),
    marketOf: () => undefined,
    unlisted: new Set<string>(),
    inspected: new Map([[PLUGIN.id, { manifest: MANIFEST, diagnostics: [] }]]),
  };
  const before = { installed: new Map(), shared: { intent: { value: EMPTY_INTENT } }, local: undefined };
  const pass = (): void => passPolicy(asked, root, before);
  if (said === undefined) expect(pass).not.toThrow();
  else expect(pass).toThrow(said);
  expect(denied).toEqual(said === undefined ? [] : ["install"]);
});

it("a launcher that is locked needs no permission, and one that is not is refused by name", () => {
  const { denied, ...asked } = services({ requireLockedLaunchers: true });
  const own = { id: "fmt@house", component: "MCP server `docs`" };
  passLaunchers(asked, { launchers: [{ ...own, packages: ["docs@1.0.0"], count: 1 }] });
  const pass = (): void => passLaunchers(asked, { launchers: [{ ...own, unlocked: "it starts a folder" }] });
  expect(pass).toThrow("(MCP server `docs`: it starts a folder)");
  expect(denied).toEqual(["install"]);
});
