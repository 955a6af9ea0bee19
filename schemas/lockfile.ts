import { commandSourceProblem } from "./command-source.ts";
import { type Digest, isDigest } from "./digest.ts";
import { CodedError, isCodedError } from "./errors.ts";
import { checkCommit, checkRefName } from "./git-ref.ts";
import { parseGitUrl } from "./git-url.ts";
import { canonicalSource } from "./identity.ts";
import { placeOf, readJson } from "./json-text.ts";
import type { JsonDocument } from "./json-text.ts";
import { type LockedLauncher, lockedLauncherToJson, readLockedLaunchers } from "./launchers/launcher-lock.ts";
import { type LockedTools, readLockedTools } from "./locked-tools.ts";
import { marketplaceSourceToJson, parseMarketplaceSource } from "./marketplace-source.ts";
import { marketplaceNameProblem, parsePluginId } from "./names.ts";
import { packageProblem } from "./npm-package.ts";
import { ObjectReader } from "./object-reader.ts";
import type { MarketplaceSource } from "./source-spec.ts";
import { parseTreePath } from "./tree-path.ts";
import { parseWebUrl } from "./web-url.ts";

export type { Digest } from "./digest.ts";
export { isDigest } from "./digest.ts";

/** Exactly which bytes a plugin's version stands for; enough to fetch them again. `path` is `""` for a repository root. */
export type LockedSource =
  | {
      readonly kind: "git";
      readonly url: string;
      readonly commit: string;
      readonly path: string;
      readonly tag?: string | undefined;
      readonly ref?: string | undefined;
    }
  /** A directory of a local marketplace that is no git commit: the tree digest alone pins it. */
  | { readonly kind: "directory"; readonly path: string }
  | {
      readonly kind: "npm";
      readonly package: string;
      readonly version: string;
      /** The registry that was asked; the public one when absent. */
      readonly registry?: string | undefined;
      readonly integrity: string;
      /** Where the plugin lies in a package that is a marketplace; its root when absent. */
      readonly path?: string | undefined;
    }
  | { readonly kind: "archive"; readonly url: string; readonly sha256: string }
  /** A directory that a command printed when a person let it run: the tree digest alone pins it. */
  | { readonly kind: "command"; readonly command: string };

/** One locked plugin. */
export interface LockedPlugin {
  readonly version: string;
  readonly source: LockedSource;
  readonly tree: Digest;
  readonly manifest: Digest;
  /** Required id → range, as declared by this version. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** `READER_VERSION` of the Plugsmith that made `manifest`; absent means 1. */
  readonly reader?: number | undefined;
  /** The catalog entry as written, when it is the manifest or adds components to it. */
  readonly entry?: Readonly<Record<string, unknown>> | undefined;
  /** What tools of its MCP servers said when a person locked them; absent for none. */
  readonly tools?: LockedTools | undefined;
}

/** What a marketplace name means in this lock; `identity` is that of `source`, else the lock is not read. `revision` is a commit or the digest of the catalog file. */
export interface LockedMarketplace {
  readonly source: MarketplaceSource;
  readonly identity: string;
  readonly revision: string;
}

/** `plugins.lock`: the resolved, digest-pinned set. Keys are sorted when written. */
export interface Lockfile {
  readonly schema: 1;
  readonly marketplaces: Readonly<Record<string, LockedMarketplace>>;
  readonly plugins: Readonly<Record<string, LockedPlugin>>;
  /** What `npx` and its like start for these plugins, by the packages that they name; none when absent. */
  readonly launchers?: Readonly<Record<string, LockedLauncher>> | undefined;
}

const MAX_BYTES = 32_000_000;
const SYNC = "run `plugin sync` to write it anew";

/**
 * Reads a `plugins.lock`. Throws `E_STATE_CORRUPT` (also for conflict markers), `E_SCHEMA_NEWER`, `E_LIMIT_*`, and the codes of
 * the checks of its sources, because a lock comes with a repository and is as foreign as a catalog.
 */
export function readLockfile(text: string, file: string): Lockfile {
  const json = parse(text, file);
  const root = new ObjectReader({ json, file, code: "E_STATE_CORRUPT", hint: SYNC }, json.value);
  root.schema(1);
  const launchers = readLockedLaunchers(root);
  return {
    schema: 1,
    marketplaces: root.map("marketplaces", readMarketplace),
    plugins: root.map("plugins", readPlugin),
    ...(Object.keys(launchers).length === 0 ? {} : { launchers }),
  };
}

/** Text of a lock: keys sorted, two blanks of indentation, equal for equal locks. */
export function writeLockfile(lock: Lockfile): string {
  const marketplaces = sorted(lock.marketplaces, ({ source, identity, revision }) => ({
    source: marketplaceSourceToJson(source),
    identity,
    revision,
  }));
  const plugins = sorted(lock.plugins, (plugin) => ({
    version: plugin.version,
    source: sourceToJson(plugin.source),
    tree: plugin.tree,
    manifest: plugin.manifest,
    ...(plugin.reader === undefined || plugin.reader === 1 ? {} : { reader: plugin.reader }),
    dependencies: sorted(plugin.dependencies, (range) => range),
    ...(plugin.entry === undefined ? {} : { entry: plugin.entry }),
    ...(plugin.tools === undefined
      ? {}
      : { tools: sorted(plugin.tools, (tools) => sorted(tools, (digest) => digest)) }),
  }));
  const launchers = sorted(lock.launchers ?? {}, lockedLauncherToJson);
  const all = { schema: 1, marketplaces, plugins, ...(Object.keys(launchers).length === 0 ? {} : { launchers }) };
  return `${JSON.stringify(all, null, 2)}\n`;
}

function parse(text: string, file: string): JsonDocument {
  const conflict = /^(?:<{7}|={7}|>{7})(?: |$)/m.exec(text);
  if (conflict !== null) {
    const line = text.slice(0, conflict.index).split("\n").length;
    throw new CodedError("E_STATE_CORRUPT", `\`${file}\` holds the conflict markers of a merge`, {
      where: placeOf(file, { line, column: 1 }),
      hint: "run `plugin sync` to solve it again",
      data: { conflict: true },
    });
  }
  try {
    return readJson(text, { file, dangerousKeys: "refuse", maxBytes: MAX_BYTES });
  } catch (error) {
    if (!isCodedError(error) || error.code !== "E_JSON") throw error;
    throw new CodedError("E_STATE_CORRUPT", error.message, { where: error.where, hint: SYNC, cause: error });
  }
}

function readMarketplace(all: ObjectReader, name: string): LockedMarketplace {
  const problem = marketplaceNameProblem(name);
  if (problem !== undefined) throw all.fail(name, problem);
  const members = all.object(name);
  const { source, identity } = members.checked("source", () =>
    canonicalSource(parseMarketplaceSource(members.raw("source"))),
  );
  if (members.text("identity") !== identity) throw members.fail("identity", `is not \`${identity}\`, as its source is`);
  return { source, identity, revision: members.text("revision") };
}

function readPlugin(all: ObjectReader, id: string): LockedPlugin {
  if (parsePluginId(id) === undefined) throw all.fail(id, "is no plugin id");
  const members = all.object(id);
  const [entry, reader] = [members.raw("entry"), members.raw("reader")];
  if (reader !== undefined && !isCount(reader)) throw members.fail("reader", "must be a positive whole number");
  const tools = readLockedTools(members, readDigest);
  return {
    version: members.text("version"),
    source: readSource(members.object("source")),
    tree: readDigest(members, "tree"),
    manifest: readDigest(members, "manifest"),
    ...(reader === undefined ? {} : { reader }),
    dependencies: members.map("dependencies", (ranges, needed) => {
      if (parsePluginId(needed) === undefined) throw ranges.fail(needed, "is no plugin id");
      return ranges.text(needed);
    }),
    ...(typeof entry === "object" && entry !== null && !Array.isArray(entry) ? { entry: { ...entry } } : {}),
    ...(tools === undefined ? {} : { tools }),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function readDigest(members: ObjectReader, key: string): Digest {
  const value = members.raw(key);
  if (isDigest(value)) return value;
  throw members.fail(key, "must be `sha256-` and 64 hexadecimal digits");
}

function readSource(members: ObjectReader): LockedSource {
  const kind = members.text("kind");
  switch (kind) {
    case "git": {
      const tag = members.optionalText("tag");
      const ref = members.optionalText("ref");
      if (tag !== undefined) members.checked("tag", () => checkRefName(tag));
      if (ref !== undefined) members.checked("ref", () => checkRefName(ref));
      return {
        kind,
        url: members.checked("url", () => parseGitUrl(members.text("url")).url),
        commit: members.checked("commit", () => checkCommit(members.text("commit"))),
        path: treePath(members, "path"),
        ...(tag === undefined ? {} : { tag }),
        ...(ref === undefined ? {} : { ref }),
      };
    }
    case "directory":
      return { kind, path: members.text("path") };
    case "npm": {
      const [name, version, registry] = [
        members.text("package"),
        members.text("version"),
        members.optionalText("registry"),
      ];
      const problem = packageProblem({ name, version });
      if (problem !== undefined) throw members.fail("package", problem);
      const integrity = members.text("integrity");
      if (!/^sha(?:256|384|512)-[A-Za-z0-9+/]+=*$/.test(integrity))
        throw members.fail("integrity", "is no integrity text");
      const from = registry === undefined ? {} : { registry: members.checked("registry", () => parseWebUrl(registry)) };
      const path = members.optionalText("path") === undefined ? "" : treePath(members, "path");
      return { kind, package: name, version, ...from, integrity, ...(path === "" ? {} : { path }) };
    }
    case "archive": {
      const sha256 = members.text("sha256");
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw members.fail("sha256", "must be 64 hexadecimal digits");
      return { kind, url: members.checked("url", () => parseWebUrl(members.text("url"))), sha256 };
    }
    case "command": {
      const command = members.text("command");
      const problem = commandSourceProblem(command, {});
      if (problem !== undefined) throw members.fail("command", problem.why);
      return { kind, command };
    }
    default:
      throw members.fail("kind", "must be `git`, `directory`, `npm`, `archive` or `command`");
  }
}

function treePath(members: ObjectReader, key: string): string {
  const text = members.text(key);
  if (text === "") return "";
  const parsed = parseTreePath(text);
  if ("path" in parsed) return parsed.path;
  throw members.fail(key, parsed.problem.why);
}

function sourceToJson(source: LockedSource): Readonly<Record<string, string>> {
  const { kind, ...rest } = source;
  const order = [
    "url",
    "package",
    "version",
    "registry",
    "commit",
    "path",
    "tag",
    "ref",
    "integrity",
    "sha256",
    "command",
  ];
  const members = Object.entries(rest).filter((member): member is [string, string] => typeof member[1] === "string");
  members.sort(([left], [right]) => order.indexOf(left) - order.indexOf(right));
  return { kind, ...Object.fromEntries(members) };
}

function sorted<T, R>(map: Readonly<Record<string, T>>, write: (value: T) => R): Record<string, R> {
  const keys = Object.keys(map).sort();
  return Object.fromEntries(keys.flatMap((key) => (map[key] === undefined ? [] : [[key, write(map[key])]])));
}
