import { describe, expect, it } from "vitest";
import { disagreement } from "../../../marketplace/install/lock-agreement.ts";
import {
  withAdditions,
  withComponent,
  withDisabled,
  withEnabled,
  withRemovals,
} from "../../../marketplace/install/wanted.ts";
import type { Lockfile } from "../../../schemas/lockfile.ts";
import type { Intent } from "../../../schemas/plugins-json.ts";

const EMPTY: Intent = { schema: 1, marketplaces: {}, plugins: {}, overrides: {}, disabledComponents: {} };

function wanting(...ids: readonly string[]): Intent {
  return { ...EMPTY, plugins: Object.fromEntries(ids.map((id) => [id, { range: "*", enabled: true }])) };
}

function node(id: string, dependencies: Readonly<Record<string, string>> = {}, enabled = true) {
  return [id, { id, dependencies, enabled }] as const;
}

describe("an intent", () => {
  it("gains a plugin and the marketplace it comes from", () => {
    const market = { name: "m", source: { kind: "github", repo: "o/r" } } as const;
    expect(withAdditions(EMPTY, [{ id: "a@m", range: "^1", market }])).toEqual({
      ...EMPTY,
      marketplaces: { m: market.source },
      plugins: { "a@m": { range: "^1", enabled: true } },
    });
  });

  it("keeps range and switch of a plugin that is added again without a range", () => {
    const before = { ...EMPTY, plugins: { "a@m": { range: "^1", enabled: false } } };
    expect(withAdditions(before, [{ id: "a@m" }])).toEqual(before);
  });

  it("never rebinds a marketplace name", () => {
    const before = { ...EMPTY, marketplaces: { m: { kind: "github", repo: "mine/r" } } } as const;
    const market = { name: "m", source: { kind: "github", repo: "other/r" } } as const;
    expect(withAdditions(before, [{ id: "a@m", market }]).marketplaces).toEqual(before.marketplaces);
  });

  it("loses a plugin with its switched-off components", () => {
    const before = { ...wanting("a@m"), disabledComponents: { "a@m": ["mcp/x"] } };
    expect(withRemovals(before, ["a@m"], new Map([node("a@m")]))).toEqual(EMPTY);
  });

  it("loses the marketplaces that only what goes came from", () => {
    const [one, two, three] = ["o/one", "o/two", "o/three"].map((repo) => ({ kind: "github", repo }) as const);
    if (one === undefined || two === undefined || three === undefined) throw new Error("three sources were made");
    const before = { ...wanting("a@one", "b@two"), marketplaces: { one, two, three } };
    const nodes = new Map([node("a@one", { "d@two": "*" }), node("d@two"), node("b@two")]);
    expect(withRemovals(before, ["a@one"], nodes).marketplaces).toEqual({ two, three });
    expect(withRemovals(before, ["b@two"], nodes).marketplaces).toEqual({ one, two, three });
  });

  it.each([
    ["is not installed", ["gone@m"], "E_NOT_INSTALLED"],
    ["is needed by one that stays", ["b@m"], "E_DEPENDANT"],
  ])("refuses to lose a plugin that %s", (_why, ids, code) => {
    const nodes = new Map([node("a@m", { "b@m": "*" }), node("b@m")]);
    expect(() => withRemovals(wanting("a@m", "b@m"), ids, nodes)).toThrow(expect.objectContaining({ code }));
  });

  it("lets a plugin and what needs it go together", () => {
    const nodes = new Map([node("a@m", { "b@m": "*" }), node("b@m")]);
    expect(withRemovals(wanting("a@m", "b@m"), ["a@m", "b@m"], nodes).plugins).toEqual({});
  });

  it("switches on what a switched-on plugin depends on", () => {
    const before = {
      ...EMPTY,
      plugins: { "a@m": { range: "*", enabled: false }, "b@m": { range: "*", enabled: false } },
    };
    const nodes = new Map([node("a@m", { "b@m": "*" }, false), node("b@m", {}, false)]);
    expect(withEnabled(before, ["a@m"], nodes).plugins["b@m"]?.enabled).toBe(true);
  });

  it("refuses to switch off what an enabled plugin needs, and allows it once that one is off", () => {
    const nodes = new Map([node("a@m", { "b@m": "*" }), node("b@m")]);
    expect(() => withDisabled(wanting("a@m", "b@m"), ["b@m"], nodes)).toThrow(
      expect.objectContaining({ code: "E_DEPENDANT" }),
    );
    const off = new Map([node("a@m", { "b@m": "*" }, false), node("b@m")]);
    expect(withDisabled(wanting("a@m", "b@m"), ["b@m"], off).plugins["b@m"]?.enabled).toBe(false);
  });

  it("switches one component off and on again without a trace", () => {
    const off = withComponent(EMPTY, "a@m", "mcp/x", false);
    expect(off.disabledComponents).toEqual({ "a@m": ["mcp/x"] });
    expect(withComponent(off, "a@m", "mcp/x", true)).toEqual(EMPTY);
  });
});

function lockOf(
  plugins: Readonly<Record<string, { readonly version: string; readonly dependencies?: Record<string, string> }>>,
): Lockfile {
  const source = { kind: "directory", path: "/x" } as const;
  return {
    schema: 1,
    marketplaces: {},
    plugins: Object.fromEntries(
      Object.entries(plugins).map(([id, { version, dependencies = {} }]) => [
        id,
        { version, source, tree: "sha256-1", manifest: "sha256-2", dependencies },
      ]),
    ),
  };
}

describe("a lock answers an intent", () => {
  it.each([
    [
      "when it holds what is wanted and what that needs",
      wanting("a@m"),
      { "a@m": { version: "1.0.0", dependencies: { "b@m": "^1" } }, "b@m": { version: "1.2.0" } },
      undefined,
    ],
    ["not when a wanted plugin is absent", wanting("a@m"), {}, "`a@m` is not in the lock"],
    [
      "not when a version is outside a range",
      { ...EMPTY, plugins: { "a@m": { range: "^2", enabled: true } } },
      { "a@m": { version: "1.0.0" } },
      "does not admit",
    ],
    [
      "not when a dependency is absent",
      wanting("a@m"),
      { "a@m": { version: "1.0.0", dependencies: { "b@m": "^1" } } },
      "needed by `a@m`",
    ],
    ["not when it holds something nobody needs", EMPTY, { "a@m": { version: "1.0.0" } }, "which nothing needs"],
    [
      "with an override in place of a range",
      { ...wanting("a@m"), overrides: { "b@m": "2.0.0" } },
      { "a@m": { version: "1.0.0", dependencies: { "b@m": "^1" } }, "b@m": { version: "2.0.0" } },
      undefined,
    ],
    ["for a version without semver by `*` alone", wanting("a@m"), { "a@m": { version: "0123456789ab" } }, undefined],
  ] as const)("%s", (_name, intent, plugins, problem) => {
    const found = disagreement(intent, lockOf(plugins), "/base");
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});
