import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import { describe, expect, it } from "vitest";
import type { Inventory, InventoryPlugin } from "../../../marketplace/sbom/inventory.ts";
import { npmPackageUrl } from "../../../marketplace/sbom/package-url.ts";
import { bomText } from "../../../marketplace/sbom/write-bom.ts";
import { memoryTree, readPlugin } from "../../../schemas/formats/index.ts";
import type { GenerationPlugin } from "../../../schemas/generation.ts";
import type { Digest, LockedSource } from "../../../schemas/lockfile.ts";

const digest = (letter: string): Digest => `sha256-${letter.repeat(64)}`;
const INTEGRITY = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;

function listed(
  id: string,
  source: LockedSource,
  fields: object,
  more: {
    readonly plugin?: Partial<GenerationPlugin>;
    readonly packages?: InventoryPlugin["packages"];
    readonly images?: InventoryPlugin["images"];
  } = {},
): InventoryPlugin {
  const text = JSON.stringify({ name: id.split("@")[0], version: "1.0.0", ...fields });
  const { manifest } = readPlugin(memoryTree({ ".claude-plugin/plugin.json": text }), { fallbackName: "x" });
  if (manifest === undefined) throw new Error("the fixture is no plugin");
  const plugin: GenerationPlugin = {
    id,
    version: "1.0.0",
    tree: digest("a"),
    manifest: digest("b"),
    format: "claude-code",
    source,
    enabled: true,
    requested: true,
    scope: "user",
    disabledComponents: [],
    dependencies: {},
    consent: "",
    provides: {},
    tokens: 0,
    bytes: 0,
    installedAt: "2026-01-01T00:00:00.000Z",
    ...more.plugin,
  };
  return { plugin, manifest, packages: more.packages ?? [], images: more.images ?? [] };
}

const IMAGE = `docker.io/mcp/x:1@sha256:${"a".repeat(64)}`;
const git = (url: string): LockedSource => ({ kind: "git", url, commit: "c".repeat(40), path: "plugins/a b" });
const INVENTORY: Inventory = {
  name: "shop",
  lockDigest: digest("f"),
  plugins: [
    listed(
      "app@acme",
      git("https://github.com/Acme/Tools"),
      { license: "MIT", homepage: "https://acme.example/" },
      {
        plugin: { dependencies: { "kit@acme": "^1.0.0" }, consent: digest("e") },
        packages: [
          {
            name: "@scope/one",
            version: "1.0.0",
            integrity: INTEGRITY,
            optional: false,
            license: "(MIT OR Apache-2.0)",
          },
          { name: "two", version: "2.0.0-rc.1", integrity: INTEGRITY, optional: true, license: "SEE LICENSE" },
        ],
        images: [
          {
            image: { written: "mcp/x", host: "docker.io", repository: "mcp/x", tag: "1" },
            digest: `sha256:${"a".repeat(64)}`,
            text: IMAGE,
          },
        ],
      },
    ),
    listed(
      "box@acme",
      { kind: "archive", url: "https://acme.example/box.zip", sha256: "d".repeat(64) },
      { license: "apache-2.0" },
    ),
    listed(
      "kit@acme",
      git("https://git.example/kit.git"),
      { description: "a \u001b[31mkit", license: "Our own" },
      { plugin: { requested: false } },
    ),
    listed("mine@local", { kind: "directory", path: "/home/x/mine" }, {}),
    listed("pkg@acme", { kind: "npm", package: "@acme/pkg", version: "1.0.0", integrity: INTEGRITY }, {}),
  ],
};

interface Document {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp?: string };
  readonly components: readonly { readonly "bom-ref": string; readonly purl?: string; readonly licenses?: unknown }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

// What it is, the assertions below show.
const read = (text: string): Document => JSON.parse(text) as Document;

describe("a bill of materials", () => {
  it("is CycloneDX 1.6", async () => {
    const validator = new JsonStrictValidator(Version.v1dot6);
    const text = bomText(INVENTORY, { version: "1.2.3", timestamp: new Date(0) });
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"components"', '"component"'))).not.toBeNull();
  });

  it("has the same bytes whatever the order, and other ones for other files", () => {
    const text = bomText(INVENTORY, { version: "1.2.3" });
    expect(text).not.toContain("timestamp");
    expect(bomText({ ...INVENTORY, plugins: [...INVENTORY.plugins] }, { version: "1.2.3" })).toBe(text);
    const other = INVENTORY.plugins.map((one, at) =>
      at === 0 ? { ...one, plugin: { ...one.plugin, tree: digest("9") } } : one,
    );
    const changed = bomText({ ...INVENTORY, plugins: other }, { version: "1.2.3" });
    expect(read(changed).serialNumber).not.toBe(read(text).serialNumber);
    expect(read(text).serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u,
    );
  });

  it("names everything by where others find it, with licences and what needs what", () => {
    const { components, dependencies } = read(bomText(INVENTORY, { version: "1.2.3" }));
    const one = `pkg:npm/%40scope/one@1.0.0#${INTEGRITY}`;
    const two = `pkg:npm/two@2.0.0-rc.1#${INTEGRITY}`;
    expect(Object.fromEntries(components.map((each) => [each["bom-ref"], each.purl]))).toEqual({
      "app@acme": `pkg:github/acme/tools@${"c".repeat(40)}#plugins/a%20b`,
      "box@acme": `pkg:generic/box@1.0.0?checksum=sha256:${"d".repeat(64)}&download_url=https:%2F%2Facme.example%2Fbox.zip`,
      "kit@acme": `pkg:generic/kit@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fkit.git%40${"c".repeat(40)}#plugins/a%20b`,
      "mine@local": undefined,
      "pkg@acme": "pkg:npm/%40acme/pkg@1.0.0",
      [one]: "pkg:npm/%40scope/one@1.0.0",
      [two]: "pkg:npm/two@2.0.0-rc.1",
      [IMAGE]: `pkg:oci/x@sha256%3A${"a".repeat(64)}?repository_url=docker.io%2Fmcp%2Fx&tag=1`,
    });
    expect(Object.fromEntries(components.map((each) => [each["bom-ref"], each.licenses]))).toMatchObject({
      "app@acme": [{ license: { id: "MIT" } }],
      "box@acme": [{ license: { id: "Apache-2.0" } }],
      "kit@acme": [{ license: { name: "Our own" } }],
      [one]: [{ expression: "(MIT OR Apache-2.0)" }],
      [two]: [{ license: { name: "SEE LICENSE" } }],
    });
    expect(Object.fromEntries(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]))).toMatchObject({
      "root:shop": ["app@acme", "box@acme", "mine@local", "pkg@acme"],
      "app@acme": [IMAGE, "kit@acme", one, two],
    });
  });

  it("writes package URLs as their specification does", () => {
    expect(npmPackageUrl("@a.b/c_d", "1.0.0+x")).toBe("pkg:npm/%40a.b/c_d@1.0.0%2Bx");
  });
});
