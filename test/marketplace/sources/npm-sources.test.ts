import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { minimumAgeOf } from "../../../schemas/policy-age.ts";
import { readPolicyDocument } from "../../../schemas/policy.ts";
import { integrityOf, packageTarball } from "../../support/package-tarball.ts";
import { type Misbehaviour, type RegistryServer, registryServer } from "../../support/registry-server.ts";
import { type TemporaryHome, temporaryHome } from "../../support/temporary-home.ts";
import { SourceRewrites } from "../../../marketplace/sources/source-rewrites.ts";
import { textsOf } from "./market-bench.ts";
import { npmBench, type NpmBench } from "./npm-bench.ts";
import { canary } from "../../support/canary.ts";

const code = (value: string, message = "") =>
  expect.objectContaining({ code: value, message: expect.stringContaining(message) as string }) as Error;

/** Publishes these versions of the package `tool`, each as a plugin of its own version. */
function publish(
  registry: RegistryServer,
  versions: readonly string[],
  tags: Readonly<Record<string, string>> = {},
): void {
  for (const version of versions) registry.publish({ name: "tool", version }, skill(version));
  for (const [tag, version] of Object.entries(tags)) registry.tag("tool", tag, version);
}

function skill(text: string): Readonly<Record<string, string>> {
  return { "skills/note/SKILL.md": `---\nname: note\ndescription: ${text}\n---\n` };
}

async function shown({ sources, snapshot, entry }: NpmBench): Promise<readonly string[]> {
  const offers = await sources.offers(snapshot, entry);
  return offers.map(({ version, current }) => (current ? `[${version}]` : version));
}

async function opened({ sources, snapshot, entry }: NpmBench, version: string) {
  const offers = await sources.offers(snapshot, entry);
  const offer = offers.find((one) => one.version === version);
  if (offer === undefined) throw new Error(`no ${version}`);
  const [one] = await sources.open([{ snapshot, entry, offer }]);
  return { texts: textsOf(one!.tree), source: offer.source };
}

describe("a registry that an administrator mirrors", () => {
  it.each([
    ["with tarballs of its own", {}],
    ["with documents as the original sends them", { tarball: "https://npm.example/tool/-/tool-1.0.0.tgz" }],
  ])("is asked %s, and what is locked names the original", async (_, dist) => {
    await using registry = await registryServer();
    using files = temporaryHome();
    registry.publish({ name: "tool", version: "1.0.0" }, skill("1.0.0"), { dist });
    const place = { key: "sourceRewrites.0", file: "managed.json" };
    const rules = [{ from: "https://npm.example/", to: registry.url, place }];
    const rewrites = new SourceRewrites([{ sourceRewrites: { rules } }]);
    const original = "https://npm.example/";
    const bench = npmBench(files, registry, { package: "tool", registry: original }, { rewrites, npmrc: "" });
    const { texts, source } = await opened(bench, "1.0.0");
    expect(Object.keys(texts)).toContain("skills/note/SKILL.md");
    expect(source).toMatchObject({ kind: "npm", package: "tool", version: "1.0.0", registry: original });
    expect(rewrites.notes()).toHaveLength(1);
  });
});

describe("versions of a plugin that is a package", () => {
  const versions = ["1.0.0", "1.1.0", "2.0.0-beta.1", "2.0.0", "3.0.0"];
  it.each<[string, string | undefined, readonly string[]]>([
    [
      "all without a version, the tag `latest` first",
      undefined,
      ["3.0.0", "[2.0.0]", "2.0.0-beta.1", "1.1.0", "1.0.0"],
    ],
    ["those of a range, the highest release first", "^1.0.0", ["[1.1.0]", "1.0.0"]],
    ["that of a range, `latest` among them first", ">=1", ["3.0.0", "[2.0.0]", "1.1.0", "1.0.0"]],
    ["one exact version", "1.0.0", ["[1.0.0]"]],
    ["what a tag names and what is older", "old", ["[1.1.0]", "1.0.0"]],
  ])("are %s", async (_, version, expected) => {
    await using registry = await registryServer();
    using files = temporaryHome();
    publish(registry, versions, { latest: "2.0.0", old: "1.1.0" });
    expect(await shown(npmBench(files, registry, { package: "tool", ...(version && { version }) }))).toEqual(expected);
  });

  it.each([
    ["a tag that does not exist", { version: "gone" }, "has no version `gone`"],
    ["a range that nothing fits", { version: "^9" }, "its newest is 1.0.0"],
    ["a package that does not exist", { package: "nobody" }, "has no package `nobody`"],
  ])("are refused for %s", async (_, source, message) => {
    await using registry = await registryServer();
    using files = temporaryHome();
    publish(registry, ["1.0.0"]);
    const bench = npmBench(files, registry, { package: "tool", ...source });
    await expect(shown(bench)).rejects.toMatchObject({ code: "E_PLUGIN_UNKNOWN" });
    await expect(shown(bench)).rejects.toSatisfy((error: { message: string; hint: string }) =>
      `${error.message} ${error.hint}`.includes(message),
    );
  });

  it("are asked for once with the short form, then with a condition, and offline come from the cache", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    publish(registry, ["1.0.0"]);
    await shown(npmBench(files, registry, { package: "tool" }));
    await shown(npmBench(files, registry, { package: "tool" }));
    expect(registry.requests.map(({ accept, condition }) => [accept?.split(";")[0], condition !== undefined])).toEqual([
      ["application/vnd.npm.install-v1+json", false],
      ["application/vnd.npm.install-v1+json", true],
    ]);
    expect(await shown(npmBench(files, registry, { package: "tool" }, { offline: true }))).toEqual(["[1.0.0]"]);
    await expect(shown(npmBench(files, registry, { package: "other" }, { offline: true }))).rejects.toThrow(
      code("E_OFFLINE"),
    );
    expect(registry.requests).toHaveLength(2);
  });

  it("NP09: that are deprecated stay on offer, marked, and are told when they are taken", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    registry.publish({ name: "tool", version: "1.0.0", deprecated: "use 2" }, skill("1"));
    const bench = npmBench(files, registry, { package: "tool" });
    expect(await bench.sources.offers(bench.snapshot, bench.entry)).toMatchObject([{ deprecated: "use 2" }]);
    await opened(bench, "1.0.0");
    expect(bench.remarks).toEqual(["`tool@acme` 1.0.0 is deprecated: use 2"]);
  });

  it("NP08: that are younger than policy wants are blocked with the time from which they are not", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    registry.publish({ name: "tool", version: "1.0.0" }, {}, { published: "2026-07-01T00:00:00.000Z" });
    registry.publish({ name: "tool", version: "1.1.0" }, {}, { published: "2026-07-31T23:50:00.000Z" });
    const policy = readPolicyDocument(JSON.stringify({ minimumReleaseAge: "24h" }), { file: "policy.json" });
    const { sources, snapshot, entry } = npmBench(
      files,
      registry,
      { package: "tool" },
      { minimumAge: () => minimumAgeOf([policy]) },
    );
    const offers = await sources.offers(snapshot, entry);
    expect(offers.map(({ blocked }) => blocked?.notice.includes("may be used from 2026-08-01T23:50:00.000Z"))).toEqual([
      true,
      undefined,
    ]);
    expect(offers[0]?.blocked).toMatchObject({ kind: "policy", where: { key: "minimumReleaseAge", line: 1 } });
  });

  it("without a digest that can be relied upon are blocked", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    registry.publish({ name: "tool", version: "1.0.0" }, {}, { dist: { integrity: "sha1-aGVsbG8=" } });
    const { sources, snapshot, entry } = npmBench(files, registry, { package: "tool" });
    expect(await sources.offers(snapshot, entry)).toMatchObject([{ blocked: { code: "E_INTEGRITY" } }]);
  });
});

describe("the document of a package", () => {
  it.each<[string, Misbehaviour, string]>([
    ["NP12 a page", { body: "<html>sign in</html>", type: "text/html" }, "E_NETWORK"],
    ["NP12 that of another package", { body: JSON.stringify({ name: "evil", versions: {} }) }, "E_NETWORK"],
    ["NP12 500", { status: 500 }, "E_NETWORK"],
    ["NP12 more than a registry has to say", { announce: 33 * 1024 * 1024 }, "E_LIMIT_SIZE"],
    ["NP12 a redirect to a link-local address", { redirect: "http://169.254.169.254/latest" }, "E_SOURCE_BLOCKED"],
    ["NP12 a redirect into a private network", { redirect: "https://10.0.0.1/tool" }, "E_SOURCE_BLOCKED"],
    ["401", { status: 401 }, "E_AUTH"],
    ["403", { status: 403 }, "E_AUTH"],
    ["half of it", { truncateAfter: 20 }, "E_NETWORK"],
  ])("is refused when the registry answers with %s", async (_, how, expected) => {
    await using registry = await registryServer();
    using files = temporaryHome();
    publish(registry, ["1.0.0"]);
    registry.misbehave("/tool", how);
    await expect(shown(npmBench(files, registry, { package: "tool" }))).rejects.toThrow(code(expected));
  });

  it("is fetched with the person's token, which no other host is shown", async () => {
    await using registry = await registryServer();
    await using other = await registryServer();
    using files = temporaryHome();
    publish(registry, ["1.0.0"]);
    other.publish({ name: "tool", version: "1.0.0" }, skill("other"));
    registry.demandToken(canary("npm"));
    await expect(shown(npmBench(files, registry, { package: "tool" }))).rejects.toThrow(code("E_AUTH"));
    const npmrc = `registry=${registry.url}\n@b:registry=${other.url}\n//${registry.host}/:_authToken=${canary("npm")}\n`;
    expect(await shown(npmBench(files, registry, { package: "tool" }, { npmrc }))).toEqual(["[1.0.0]"]);
    await shown(npmBench(files, registry, { package: "tool", registry: other.url }, { npmrc }));
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe("the registry of a package", () => {
  it("NP07: is the one that its scope is bound to, whatever the public one has", async () => {
    await using registry = await registryServer();
    await using own = await registryServer();
    using files = temporaryHome();
    registry.publish({ name: "@acme/tool", version: "9.0.0" });
    own.publish({ name: "@acme/tool", version: "1.0.0" });
    const npmrc = `registry=${registry.url}\n@acme:registry=${own.url}\n`;
    const bench = npmBench(files, registry, { package: "@acme/tool" }, { npmrc });
    expect(await bench.sources.offers(bench.snapshot, bench.entry)).toMatchObject([
      { version: "1.0.0", source: { registry: own.url } },
    ]);
    const elsewhere = { package: "@acme/tool", registry: registry.url };
    await expect(shown(npmBench(files, registry, elsewhere, { npmrc }))).rejects.toThrow(
      code("E_SOURCE_BLOCKED", "bind"),
    );
    expect(registry.requests).toEqual([]);
  });

  it.each([
    ["NP12 inside a private network", "https://192.168.1.1/", "private network"],
    ["that is not https", "http://registry.example/", "not https"],
  ])("is not one %s that the person did not name", async (_, address, message) => {
    await using registry = await registryServer();
    using files = temporaryHome();
    const bench = npmBench(files, registry, { package: "tool", registry: address });
    await expect(shown(bench)).rejects.toThrow(code("E_SOURCE_BLOCKED", message));
  });

  it("NP13: is never named by the `.npmrc` of a project, which is told", async () => {
    await using registry = await registryServer();
    await using evil = await registryServer();
    using files = temporaryHome();
    publish(registry, ["1.0.0"]);
    files.write("project/.npmrc", `registry=${evil.url}\nstrict-ssl=false\n`);
    files.write("project/deep/x", "");
    const bench = npmBench(files, registry, { package: "tool" }, { directory: files.path("project/deep") });
    expect(await shown(bench)).toEqual(["[1.0.0]"]);
    expect(bench.remarks[0]).toContain(files.path("project/.npmrc"));
    expect(evil.requests).toEqual([]);
  });
});

describe("the files of a package", () => {
  it("are those below its folder, and NP01 no script of it is known to anybody", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    const scripts = { preinstall: "touch ran", postinstall: "touch ran", prepare: "touch ran" };
    registry.publish({ name: "tool", version: "1.0.0", scripts }, skill("one"));
    const { texts, source } = await opened(npmBench(files, registry, { package: "tool" }), "1.0.0");
    expect(Object.keys(texts)).toEqual(["package.json", "skills/note/SKILL.md"]);
    expect(source).toMatchObject({ package: "tool", version: "1.0.0", registry: registry.url });
  });

  const evil = packageTarball({ name: "evil", version: "1.0.0" });
  const otherVersion = packageTarball({ name: "tool", version: "9.9.9" });
  it.each<[string, { readonly tarball?: Buffer; readonly dist?: Readonly<Record<string, unknown>> }, string]>([
    ["NP02 other bytes than the registry says", { dist: { integrity: integrityOf(Buffer.from("x")) } }, "E_INTEGRITY"],
    ["NP04 another package", { tarball: evil }, "E_INTEGRITY"],
    ["NP04 another version", { tarball: otherVersion }, "E_INTEGRITY"],
    ["NP04 no package", { tarball: packageTarball([] as never) }, "E_INTEGRITY"],
    ["a tarball on a link-local host", { dist: { tarball: "http://169.254.169.254/x.tgz" } }, "E_SOURCE_BLOCKED"],
    ["a tarball in a private network", { dist: { tarball: "https://10.1.2.3/x.tgz" } }, "E_SOURCE_BLOCKED"],
  ])("are refused for %s", async (_, options, expected) => {
    await using registry = await registryServer();
    using files = temporaryHome();
    registry.publish({ name: "tool", version: "1.0.0" }, skill("one"), options);
    await expect(opened(npmBench(files, registry, { package: "tool" }), "1.0.0")).rejects.toThrow(code(expected));
  });

  it("NP12: are not fetched where the registry redirects to a server of this machine", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    publish(registry, ["1.0.0"]);
    let asked = 0;
    const inner = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => inner.listen(0, "127.0.0.1", resolve));
    const { port } = inner.address() as AddressInfo;
    registry.misbehave(registry.tarballPath("tool", "1.0.0"), { redirect: `http://127.0.0.1:${String(port)}/x.tgz` });
    await expect(opened(npmBench(files, registry, { package: "tool" }), "1.0.0")).rejects.toThrow(
      code("E_SOURCE_BLOCKED"),
    );
    expect(asked).toBe(0);
    await new Promise((resolve) => inner.close(resolve));
  });
});

describe("a locked package", () => {
  async function locked(files: TemporaryHome, registry: RegistryServer) {
    publish(registry, ["1.0.0"]);
    return (await opened(npmBench(files, registry, { package: "tool" }), "1.0.0")).source;
  }

  it("NP09: comes from the cache when it was unpublished, and elsewhere it is a clear error", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    using elsewhere = temporaryHome();
    const source = await locked(files, registry);
    registry.unpublish("tool", "1.0.0");
    const here = npmBench(files, registry, { package: "tool" }).sources;
    expect(Object.keys(textsOf(await here.openLocked(source, "tool@acme")))).toContain("package.json");
    const there = npmBench(elsewhere, registry, { package: "tool" }).sources;
    await expect(there.openLocked(source, "tool@acme")).rejects.toThrow(code("E_NOT_FOUND", "any more"));
  });

  it("NP03: that was published again with other bytes is refused with both digests, before it is fetched", async () => {
    await using registry = await registryServer();
    using files = temporaryHome();
    using elsewhere = temporaryHome();
    const source = await locked(files, registry);
    const now = registry.publish({ name: "tool", version: "1.0.0" }, skill("changed"));
    const before = registry.requests.length;
    const there = npmBench(elsewhere, registry, { package: "tool" }).sources;
    const refused = there.openLocked(source, "tool@acme");
    await expect(refused).rejects.toThrow(code("E_INTEGRITY", now));
    await expect(refused).rejects.toThrow(code("E_INTEGRITY", source.kind === "npm" ? source.integrity : "none"));
    expect(registry.requests.slice(before).map(({ path }) => path)).toEqual(["/tool"]);
  });
});
