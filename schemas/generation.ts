import { CodedError, isCodedError } from "./errors.ts";
import { readJson } from "./json-text.ts";
import type { Digest, LockedSource } from "./lockfile.ts";
import type { PluginFormat } from "./plugin-manifest.ts";

/** A plugin as this machine runs it in one root. */
export interface GenerationPlugin {
  readonly id: string;
  readonly version: string;
  readonly tree: Digest;
  readonly manifest: Digest;
  readonly format: PluginFormat;
  readonly source: LockedSource;
  readonly enabled: boolean;
  /** Named by the person, not only needed by another plugin. */
  readonly requested: boolean;
  /** A `local` pick lives in the generation only, never in the lock. */
  readonly scope: "user" | "project" | "local";
  readonly disabledComponents: readonly string[];
  /** Required id → range. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** `READER_VERSION` of the Plugsmith that made `manifest`, 1 when absent; of `local` picks alone, as `entry`. */
  readonly reader?: number | undefined;
  /** The catalog entry that applied, as written; of `local` picks alone, for the others the lock has it. */
  readonly entry?: Readonly<Record<string, unknown>> | undefined;
  /** Closure digest the person said yes to; `""` when nothing can execute. */
  readonly consent: string;
  /** Counts of contributions by kind, e.g. `{"skill": 3}`. */
  readonly provides: Readonly<Record<string, number>>;
  /** Always-on token estimate. */
  readonly tokens: number;
  /** Size of the tree in bytes. */
  readonly bytes: number;
  readonly installedAt: string;
}

/** The closure of one root: `user` or the real path of a project. */
export interface RootClosure {
  /** Digest of the lock file's text this closure was made from; `""` when the root has no lock. */
  readonly lockDigest: string;
  /** Sorted by id. */
  readonly plugins: readonly GenerationPlugin[];
}

/** What this machine runs: numbered, kept, switchable. Root key: `user` or a project's real path. */
export interface Generation {
  readonly schema: 1;
  readonly number: number;
  readonly parent: number;
  readonly createdAt: string;
  /** The verb that made it, for people, e.g. `add fmt@acme`. */
  readonly verb: string;
  /** The root that the verb changed. */
  readonly root: string;
  readonly roots: Readonly<Record<string, RootClosure>>;
  /** Head hashes of the audit segments at commit. */
  readonly audit: readonly string[];
}

const FORMATS: readonly string[] = ["claude-code", "agent-plugins", "skill-folder", "entry"];
const SCOPES: readonly string[] = ["user", "project", "local"];
const SOURCES: readonly string[] = ["git", "directory", "npm", "archive"];
const MAX_BYTES = 64_000_000;

/**
 * Reads a generation that we wrote, by hand and without a schema library because it lies on the start path.
 * Throws `E_STATE_CORRUPT` or `E_SCHEMA_NEWER`.
 */
export function readGeneration(text: string, file: string): Generation {
  const root = parse(text, file);
  const fail = (what: string): never => {
    throw corrupt(file, what);
  };
  if (!isObject(root)) return fail("is not an object");
  const schema = root["schema"];
  if (typeof schema === "number" && schema > 1) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` has schema ${schema}, and this Plugsmith knows up to 1`, {
      where: file,
      hint: "update Plugsmith",
    });
  }
  if (schema !== 1) fail("has no `schema`");
  for (const key of ["number", "parent"]) if (!Number.isSafeInteger(root[key])) fail(`has no \`${key}\``);
  for (const key of ["createdAt", "verb", "root"]) if (typeof root[key] !== "string") fail(`has no \`${key}\``);
  if (!isTexts(root["audit"])) fail("has no `audit`");
  const roots = root["roots"];
  if (!isObject(roots)) return fail("has no `roots`");
  for (const [name, closure] of Object.entries(roots)) {
    if (!isObject(closure) || typeof closure["lockDigest"] !== "string") return fail(`has a broken root \`${name}\``);
    const plugins = closure["plugins"];
    if (!Array.isArray(plugins)) return fail(`has a broken root \`${name}\``);
    for (const plugin of plugins) {
      const problem = pluginProblem(plugin);
      if (problem !== undefined) fail(`has a plugin of root \`${name}\` with a wrong \`${problem}\``);
    }
  }
  return checkedGeneration(root);
}

/** Text of a generation: compact, roots and ids sorted, equal for equal generations. */
export function writeGeneration(generation: Generation): string {
  const roots = Object.keys(generation.roots)
    .sort()
    .map((name): [string, RootClosure] => {
      const closure = generation.roots[name] ?? { lockDigest: "", plugins: [] };
      const plugins = closure.plugins.toSorted((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0));
      return [name, { lockDigest: closure.lockDigest, plugins }];
    });
  const { schema, number, parent, createdAt, verb, root, audit } = generation;
  return `${JSON.stringify({ schema, number, parent, createdAt, verb, root, roots: Object.fromEntries(roots), audit })}\n`;
}

/**
 * A text that we wrote equals its own compact form, which proves at native speed that no key is repeated; any other text takes
 * the careful reader.
 */
function parse(text: string, file: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const compact = JSON.stringify(value);
    const plain = compact.length + 1 === text.length && text.endsWith("\n") && !text.includes("\\u");
    if (plain && !DANGEROUS.some((name) => text.includes(name))) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !(cause instanceof RangeError)) throw cause;
  }
  try {
    return readJson(text, { file, dangerousKeys: "refuse", maxBytes: MAX_BYTES }).value;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw new CodedError("E_STATE_CORRUPT", error.message, { where: error.where, hint: HINT, cause: error });
  }
}

const DANGEROUS: readonly string[] = ['"__proto__":', '"constructor":', '"prototype":'];
const HINT = "the newest readable generation is used instead; `plugin generations` lists them";

/** The border at which a value of our own file becomes typed: every member was checked by `readGeneration`. */
function checkedGeneration(root: object): Generation {
  return root as Generation;
}

function pluginProblem(plugin: unknown): string | undefined {
  if (!isObject(plugin)) return "form";
  for (const key of ["id", "version", "consent", "installedAt"]) if (typeof plugin[key] !== "string") return key;
  for (const key of ["tree", "manifest"]) {
    const digest = plugin[key];
    if (typeof digest !== "string" || digest.length !== 71 || !digest.startsWith("sha256-")) return key;
  }
  for (const key of ["enabled", "requested"]) if (typeof plugin[key] !== "boolean") return key;
  for (const key of ["tokens", "bytes"]) if (typeof plugin[key] !== "number") return key;
  if (!FORMATS.includes(String(plugin["format"]))) return "format";
  if (!SCOPES.includes(String(plugin["scope"]))) return "scope";
  const source = plugin["source"];
  if (!isObject(source) || !SOURCES.includes(String(source["kind"]))) return "source";
  if (!isTexts(plugin["disabledComponents"])) return "disabledComponents";
  const [dependencies, provides] = [plugin["dependencies"], plugin["provides"]];
  if (!isObject(dependencies) || !Object.values(dependencies).every((range) => typeof range === "string"))
    return "dependencies";
  if (plugin["entry"] !== undefined && !isObject(plugin["entry"])) return "entry";
  if (plugin["reader"] !== undefined && typeof plugin["reader"] !== "number") return "reader";
  if (!isObject(provides) || !Object.values(provides).every((count) => typeof count === "number")) return "provides";
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function corrupt(file: string, what: string): CodedError {
  return new CodedError("E_STATE_CORRUPT", `\`${file}\` ${what}`, { where: file, hint: HINT });
}
