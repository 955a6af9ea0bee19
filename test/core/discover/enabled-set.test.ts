import { describe, expect, it } from "vitest";
import { enabledSet, projectRootOf } from "../../../core/discover/enabled-set.ts";
import type { Generation, GenerationPlugin, RootClosure } from "../../../schemas/generation.ts";

type Sketch = Partial<Pick<GenerationPlugin, "enabled" | "scope" | "dependencies">>;

function plugin(id: string, version: string, sketch: Sketch = {}): GenerationPlugin {
  return {
    id,
    version,
    tree: "sha256-0",
    manifest: "sha256-0",
    format: "claude-code",
    source: { kind: "directory", path: "/market" },
    enabled: true,
    requested: true,
    scope: "user",
    disabledComponents: [],
    dependencies: {},
    consent: "",
    provides: {},
    tokens: 0,
    bytes: 0,
    installedAt: "2026-03-01T12:00:00Z",
    ...sketch,
  };
}

function generation(roots: Readonly<Record<string, readonly GenerationPlugin[]>>): Generation {
  const closures = Object.entries(roots).map(([root, plugins]): [string, RootClosure] => [
    root,
    { lockDigest: "", plugins },
  ]);
  return {
    schema: 1,
    number: 1,
    parent: 0,
    createdAt: "",
    verb: "",
    root: "user",
    roots: Object.fromEntries(closures),
    audit: [],
  };
}

async function states(
  roots: Readonly<Record<string, readonly GenerationPlugin[]>>,
  directory?: string,
): Promise<readonly string[]> {
  const set = await enabledSet(generation(roots), directory);
  return set.map(
    ({ plugin: { id, version }, state }) =>
      `${id} ${version} ${state.kind}${state.kind === "shadowed" ? ` by ${state.by}` : ""}`,
  );
}

const inProject = { scope: "project" } as const;
const local = { scope: "local" } as const;

describe("the plugins of a session", () => {
  it("are the user's outside every project", async () => {
    const roots = {
      user: [plugin("a@m", "1.0.0"), plugin("b@m", "1.0.0", { enabled: false })],
      "/work/p": [plugin("c@m", "1.0.0", inProject)],
    };
    expect(await states(roots)).toEqual(["a@m 1.0.0 on", "b@m 1.0.0 disabled"]);
    expect(await states(roots, "/work")).toEqual(["a@m 1.0.0 on", "b@m 1.0.0 disabled"]);
    expect(await states(roots, "/work/pp")).toEqual(["a@m 1.0.0 on", "b@m 1.0.0 disabled"]);
  });

  it("are those of local over project over user, the nearest scope winning an id even when it is disabled there", async () => {
    const roots = {
      user: [plugin("a@m", "1.0.0"), plugin("b@m", "1.0.0"), plugin("c@m", "1.0.0")],
      "/work/p": [
        plugin("b@m", "2.0.0", inProject),
        plugin("b@m", "3.0.0", local),
        plugin("c@m", "1.0.0", { ...inProject, enabled: false }),
        plugin("d@m", "1.0.0", local),
      ],
    };
    expect(await states(roots, "/work/p/deep/er")).toEqual([
      "a@m 1.0.0 on",
      "b@m 3.0.0 on",
      "b@m 2.0.0 shadowed by local",
      "b@m 1.0.0 shadowed by local",
      "c@m 1.0.0 disabled",
      "c@m 1.0.0 shadowed by project",
      "d@m 1.0.0 on",
    ]);
  });

  it("leave out a user's plugin whose dependency the project replaced by an unfit version, and what needs that one", async () => {
    const roots = {
      user: [
        plugin("app@m", "1.0.0", { dependencies: { "mid@m": "*" } }),
        plugin("core@m", "1.4.0"),
        plugin("fits@m", "1.0.0", { dependencies: { "core@m": ">=1" } }),
        plugin("mid@m", "1.0.0", { dependencies: { "core@m": "^1.2.0" } }),
        plugin("off@m", "1.0.0", { enabled: false, dependencies: { "core@m": "^1.2.0" } }),
      ],
      "/work/p": [plugin("core@m", "2.0.0", inProject)],
    };
    expect(await states(roots, "/work/p")).toEqual([
      "app@m 1.0.0 broken",
      "core@m 2.0.0 on",
      "core@m 1.4.0 shadowed by project",
      "fits@m 1.0.0 on",
      "mid@m 1.0.0 broken",
      "off@m 1.0.0 disabled",
    ]);
    const set = await enabledSet(generation(roots), "/work/p");
    const messages = set.flatMap(({ state }) => (state.kind === "broken" ? [state.diagnostic.message] : []));
    expect(messages).toEqual([
      "`app@m` needs `mid@m`, which is off here itself; it is off in this project",
      "`mid@m` needs `core@m` `^1.2.0`, and this project has `2.0.0`; it is off in this project",
    ]);
  });

  it("leave out a user's plugin whose dependency the project disabled, also in a cycle", async () => {
    const roots = {
      user: [
        plugin("a@m", "1.0.0", { dependencies: { "b@m": "*" } }),
        plugin("b@m", "1.0.0", { dependencies: { "a@m": "*", "c@m": "*" } }),
        plugin("c@m", "1.0.0"),
      ],
      "/work/p": [plugin("c@m", "1.0.0", { ...inProject, enabled: false })],
    };
    expect(await states(roots, "/work/p")).toEqual([
      "a@m 1.0.0 broken",
      "b@m 1.0.0 broken",
      "c@m 1.0.0 disabled",
      "c@m 1.0.0 shadowed by project",
    ]);
    expect(await states(roots)).toEqual(["a@m 1.0.0 on", "b@m 1.0.0 on", "c@m 1.0.0 on"]);
  });

  it("take a version that is not semver for fit only where any version is", async () => {
    const user = [
      plugin("any@m", "1.0.0", { dependencies: { "core@m": "*" } }),
      plugin("core@m", "1.0.0"),
      plugin("some@m", "1.0.0", { dependencies: { "core@m": ">=0" } }),
    ];
    expect(await states({ user, "/p": [plugin("core@m", "3f2a91c04b7d", inProject)] }, "/p")).toEqual([
      "any@m 1.0.0 on",
      "core@m 3f2a91c04b7d on",
      "core@m 1.0.0 shadowed by project",
      "some@m 1.0.0 broken",
    ]);
  });

  it("come from the project root nearest above the directory", () => {
    const value = generation({ user: [], "/work": [], "/work/inner": [] });
    expect(
      ["/work/inner/x", "/work/inner", "/work/other", "/", "/elsewhere"].map((directory) =>
        projectRootOf(value, directory),
      ),
    ).toEqual(["/work/inner", "/work/inner", "/work", undefined, undefined]);
  });
});
