import { CodedError } from "../../schemas/errors.ts";
import { readJson } from "../../schemas/json-text.ts";
import { isDigest, type Digest } from "../../schemas/lockfile.ts";
import { ObjectReader } from "../../schemas/object-reader.ts";

/** Names in a bundle. */
export const BUNDLE = {
  index: "bundle.json",
  intent: "plugins.json",
  lock: "plugins.lock",
  catalogs: "catalogs",
  trees: "trees",
  packages: "packages",
} as const;

/** What of a bundle no other file in it says. */
export interface BundleIndex {
  /** Marketplace → the revision of the catalog that lies in the bundle. */
  readonly catalogs: Readonly<Record<string, string>>;
  /** Tree → path of a link → its target: an archive of ours holds no links. */
  readonly links: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Text of the index: equal for equal indexes. */
export function bundleIndexText({ catalogs, links }: BundleIndex): string {
  const sorted = <T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1)));
  const sortedLinks = Object.fromEntries(Object.entries(sorted(links)).map(([tree, own]) => [tree, sorted(own)]));
  return `${JSON.stringify({ schema: 1, catalogs: sorted(catalogs), links: sortedLinks }, undefined, 2)}\n`;
}

/** Reads the index. Throws `E_SCHEMA`, `E_SCHEMA_NEWER`, `E_JSON` and `E_LIMIT_…`. */
export function readBundleIndex(text: Uint8Array, file: string): BundleIndex {
  const json = readJson(text, { file, dangerousKeys: "refuse", maxBytes: 32_000_000 });
  const hint = "export the bundle anew";
  const root = new ObjectReader({ json, file, code: "E_SCHEMA", hint }, json.value);
  root.schema(1);
  return {
    catalogs: root.map("catalogs", (members, name) => members.text(name)),
    links: root.map("links", (trees, tree) => {
      if (!isDigest(tree)) throw trees.fail(tree, "is no digest");
      return trees.map(tree, (members, path) => members.text(path));
    }),
  };
}

/** Name of the file of a package: its digest, without characters that paths have no place for. */
export function packageFile(integrity: string): string {
  const [, algorithm = "", base64 = ""] = /^(sha\d+)-([^\s?]+)/u.exec(integrity) ?? [];
  return `${BUNDLE.packages}/${algorithm}-${Buffer.from(base64, "base64").toString("hex")}.tgz`;
}

/** The digest that the name of a package's file says. Throws `E_SCHEMA`. */
export function integrityOfFile(path: string): string {
  const [, algorithm = "", hex = ""] = /^packages\/(sha(?:256|384|512))-([0-9a-f]{64,128})\.tgz$/u.exec(path) ?? [];
  if (hex !== "") return `${algorithm}-${Buffer.from(hex, "hex").toString("base64")}`;
  throw new CodedError("E_SCHEMA", `the bundle holds \`${path}\`, which has no place in one`, {
    hint: "export the bundle anew",
  });
}

/** Splits `trees/<digest>/<path>`. Throws `E_SCHEMA` for another form. */
export function treeMember(path: string): { readonly tree: Digest; readonly member: string } {
  const [, tree, ...rest] = path.split("/");
  if (isDigest(tree) && rest.length > 0) return { tree, member: rest.join("/") };
  throw new CodedError("E_SCHEMA", `the bundle holds \`${path}\`, which has no place in one`, {
    hint: "export the bundle anew",
  });
}
