import { describe, expect, it } from "vitest";
import { chosenCommand } from "../../../marketplace/launchers/launcher-program.ts";
import { resolveLauncher } from "../../../marketplace/launchers/resolve-launcher.ts";
import type { PackageRelease, Packument } from "../../../marketplace/packages/packument.ts";
import { CodedError } from "../../../schemas/errors.ts";
import {
  type LockedPackages,
  lockedLauncherToJson,
  readLauncherRecords,
} from "../../../schemas/launchers/launcher-lock.ts";
import { parsePackageSpec } from "../../../schemas/npm-package.ts";

type Manifest = Readonly<Record<string, unknown>>;
/** `name@version` → what its manifest says; the last one published of a name is its `latest`. */
type World = Readonly<Record<string, Manifest>>;

const INTEGRITY = `sha512-${"A".repeat(86)}==`;

function documents(world: World): (name: string) => Promise<Packument> {
  const all = new Map<string, { releases: Map<string, PackageRelease>; tags: Map<string, string> }>();
  for (const [spec, manifest] of Object.entries(world)) {
    const { name, version = "" } = parsePackageSpec(spec);
    const one = all.get(name) ?? { releases: new Map(), tags: new Map() };
    const {
      deprecated,
      tag = "latest",
      integrity = INTEGRITY,
      ...own
    } = manifest as Record<string, string | undefined>;
    one.releases.set(version, {
      version,
      integrity: integrity === "" ? undefined : integrity,
      deprecated,
      manifest: own,
    });
    one.tags.set(tag, version);
    all.set(name, one);
  }
  return (name) => {
    const found = all.get(name);
    if (found !== undefined) return Promise.resolve({ name, ...found });
    return Promise.reject(new CodedError("E_PLUGIN_UNKNOWN", `no package \`${name}\``));
  };
}

function resolve(world: World, ...specs: readonly string[]): Promise<LockedPackages> {
  return resolveLauncher(
    specs.map((spec) => parsePackageSpec(spec)),
    { document: documents(world), isEligible: () => true, signal: new AbortController().signal },
  );
}

/** Folder below `node_modules` → version, and `?` for one that may be left out. */
function laid({ packages }: LockedPackages): Readonly<Record<string, string>> {
  return Object.fromEntries(
    packages.map(({ path, version, optional }) => [
      path.slice("node_modules/".length),
      optional ? `${version}?` : version,
    ]),
  );
}

const CASES: readonly (readonly [
  what: string,
  world: World,
  spec: string,
  expected: Readonly<Record<string, string>>,
])[] = [
  ["takes `latest` where no version is named", { "a@2.0.0": {}, "a@3.0.0": { tag: "next" } }, "a", { a: "2.0.0" }],
  ["takes a tag", { "a@2.0.0": {}, "a@3.0.0": { tag: "next" } }, "a@next", { a: "3.0.0" }],
  ["prefers `latest` within a range", { "a@1.2.0": { tag: "x" }, "a@1.1.0": {} }, "a@^1.0.0", { a: "1.1.0" }],
  [
    "takes the newest of a range that is not deprecated",
    { "a@1.1.0": {}, "a@1.2.0": { deprecated: "bad" }, "a@2.0.0": {} },
    "a@1",
    { a: "1.1.0" },
  ],
  [
    "shares what fits both",
    { "a@1.0.0": { dependencies: { b: "1", c: "1" } }, "b@1.0.0": { dependencies: { c: "^1.0.0" } }, "c@1.0.0": {} },
    "a",
    { a: "1.0.0", b: "1.0.0", c: "1.0.0" },
  ],
  [
    "lays another version below who needs it, and looks no further out past it",
    {
      "a@1.0.0": { dependencies: { b: "1", c: "2" } },
      "b@1.0.0": { dependencies: { c: "1", d: "1" } },
      "c@1.0.0": { dependencies: { d: "2" } },
      "c@2.0.0": {},
      "d@1.0.0": {},
      "d@2.0.0": {},
    },
    "a",
    {
      a: "1.0.0",
      b: "1.0.0",
      "b/node_modules/c": "1.0.0",
      "b/node_modules/c/node_modules/d": "2.0.0",
      c: "2.0.0",
      d: "1.0.0",
    },
  ],
  [
    "lays nothing in between where somebody found it further out",
    {
      "a@1.0.0": { dependencies: { b: "2", m: "1" } },
      "m@1.0.0": { dependencies: { a: "9", b: "2", k: "1" } },
      "a@9.0.0": { dependencies: { b: "1" }, tag: "x" },
      "b@1.0.0": { tag: "x" },
      "b@2.0.0": {},
      "k@1.0.0": {},
    },
    "a@1.0.0",
    {
      a: "1.0.0",
      b: "2.0.0",
      k: "1.0.0",
      m: "1.0.0",
      "m/node_modules/a": "9.0.0",
      "m/node_modules/a/node_modules/b": "1.0.0",
    },
  ],
  [
    "installs peers beside",
    {
      "a@1.0.0": { dependencies: { p: "1" } },
      "p@1.0.0": { peerDependencies: { r: "^17", s: "1" }, peerDependenciesMeta: { s: { optional: true } } },
      "r@17.0.1": { tag: "x" },
      "r@18.0.0": {},
    },
    "a",
    { a: "1.0.0", p: "1.0.0", r: "17.0.1" },
  ],
  [
    "lays a package where the peer that it wants is",
    {
      "a@1.0.0": { dependencies: { q: "1", r: "18" } },
      "q@1.0.0": { dependencies: { p: "1", r: "17" } },
      "p@1.0.0": { peerDependencies: { r: "17" } },
      "r@17.0.1": { tag: "x" },
      "r@18.0.0": {},
    },
    "a",
    { a: "1.0.0", q: "1.0.0", "q/node_modules/p": "1.0.0", "q/node_modules/r": "17.0.1", r: "18.0.0" },
  ],
  [
    "takes what those beside it want",
    {
      "a@1.0.0": { dependencies: { p: "1", r: "^1.0.0" } },
      "p@1.0.0": { peerDependencies: { r: "<1.2" } },
      "r@1.1.0": { tag: "x" },
      "r@1.2.0": {},
    },
    "a",
    { a: "1.0.0", p: "1.0.0", r: "1.1.0" },
  ],
  [
    "lays another peer beside who wants it",
    {
      "a@1.0.0": { dependencies: { q: "1", r: "18" } },
      "q@1.0.0": { dependencies: { p: "1" } },
      "p@1.0.0": { peerDependencies: { r: "17" } },
      "r@17.0.1": { tag: "x" },
      "r@18.0.0": {},
    },
    "a",
    { a: "1.0.0", q: "1.0.0", "q/node_modules/p": "1.0.0", "q/node_modules/r": "17.0.1", r: "18.0.0" },
  ],
  [
    "survives a circle",
    { "a@1.0.0": { dependencies: { b: "1" } }, "b@1.0.0": { dependencies: { a: "1" } } },
    "a",
    { a: "1.0.0", b: "1.0.0" },
  ],
  [
    "leaves out optional packages that are nowhere",
    { "a@1.0.0": { optionalDependencies: { b: "1", c: "1" } }, "c@1.0.0": { dependencies: { d: "1" } }, "d@1.0.0": {} },
    "a",
    { a: "1.0.0", c: "1.0.0?", d: "1.0.0?" },
  ],
  [
    "takes one under another name",
    { "a@1.0.0": { dependencies: { b: "npm:real@^1.0.0" } }, "real@1.0.0": {} },
    "a",
    { a: "1.0.0", b: "1.0.0" },
  ],
  [
    "asks for nothing that lies in a tarball",
    { "a@1.0.0": { dependencies: { b: "1" }, bundleDependencies: ["b"] } },
    "a",
    { a: "1.0.0" },
  ],
];

describe("what a launcher needs", () => {
  it.each(CASES)("%s", async (_, world, spec, expected) => {
    const locked = await resolve(world, spec);
    expect(laid(locked)).toEqual(expected);
    expect(readLauncherRecords({ a: lockedLauncherToJson(locked) })["a"]).toEqual(locked);
  });

  it("is locked with platforms, commands, scripts and other names, a line a package", async () => {
    const world = {
      "a@1.0.0": { bin: "cli.js", optionalDependencies: { b: "npm:@x/b@1" }, hasInstallScript: true },
      "@x/b@1.0.0": {
        os: ["linux", "darwin"],
        cpu: ["x64"],
        libc: ["glibc"],
        bin: { b: "b" },
        bundleDependencies: true,
      },
    };
    expect(lockedLauncherToJson(await resolve(world, "a"))).toEqual({
      commands: { a: { a: "cli.js" } },
      packages: {
        a: `1.0.0 ${INTEGRITY} script`,
        b: `1.0.0 ${INTEGRITY} npm=@x/b optional bundles os=linux,darwin cpu=x64 libc=glibc`,
      },
    });
  });

  it.each([
    ["a package that is not there", {}, "a", "no package `a`"],
    ["a version that is not there", { "a@1.0.0": {} }, "a@2", "has no version of `a` that fits `2`"],
    [
      "a repository below",
      { "a@1.0.0": { dependencies: { b: "github:x/y" } } },
      "a",
      "needs `b` from somewhere else than a registry",
    ],
    ["no digest", { "a@1.0.0": { integrity: "" } }, "a", "no digest of `a@1.0.0` that is stronger than SHA-1"],
    ["a command outside", { "a@1.0.0": { bin: { a: "../../x" } } }, "a", "outside its folder"],
    [
      "peers that do not fit together",
      {
        "a@1.0.0": { dependencies: { p: "1", r: "18" } },
        "p@1.0.0": { peerDependencies: { r: "17" } },
        "r@17.0.0": { tag: "x" },
        "r@18.0.0": {},
      },
      "a",
      "fits nowhere beside the others",
    ],
  ])("is refused with the reason: %s", async (_, world: World, spec, message) => {
    await expect(resolve(world, spec)).rejects.toThrow(message);
  });

  it("is started by the command that npm would choose", async () => {
    const world = {
      "a@1.0.0": { bin: { x: "x.js", a: "a.js" } },
      "@s/b@1.0.0": { bin: { one: "1.js", two: "2.js" } },
      "c@1.0.0": {},
    };
    const of = async (program: string | undefined, ...specs: readonly string[]): Promise<string> => {
      const packages = specs.map((spec) => parsePackageSpec(spec));
      return chosenCommand(
        { kind: "call", packages, program, words: [0, 1], downloads: true },
        await resolve(world, ...specs),
      );
    };
    expect(await of(undefined, "a")).toBe("node_modules/a/a.js");
    expect(await of("two", "a", "@s/b")).toBe("node_modules/@s/b/2.js");
    await expect(of(undefined, "@s/b")).rejects.toThrow("`@s/b@1.0.0` has not one command that is meant");
    await expect(of(undefined, "c")).rejects.toThrow("has not a command");
    await expect(of("three", "a")).rejects.toThrow("has not the command `three`");
  });
});
