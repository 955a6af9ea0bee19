import { CodedError, isCodedError } from "./errors.ts";
import type { Generation, RootClosure } from "./generation.ts";
import { listOf } from "./generation-list.ts";
import { readJson } from "./json-text.ts";
import { isImageDigest } from "./launchers/image-reference.ts";
import { isRecord } from "./record.ts";

const FORMATS: readonly string[] = ["claude-code", "agent-plugins", "skill-folder", "entry"];
const SCOPES: readonly string[] = ["user", "project", "local"];
const SOURCES: readonly string[] = ["git", "directory", "npm", "archive", "command"];
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
  if (!isRecord(root)) return fail("is not an object");
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
  if (!isRecord(roots)) return fail("has no `roots`");
  for (const [name, closure] of Object.entries(roots)) {
    if (!isRecord(closure) || typeof closure["lockDigest"] !== "string") return fail(`has a broken root \`${name}\``);
    if (closure["made"] !== undefined && !isTexts(closure["made"])) return fail(`has a broken root \`${name}\``);
    const plugins = closure["plugins"];
    if (!Array.isArray(plugins)) return fail(`has a broken root \`${name}\``);
    for (const plugin of plugins) {
      const problem = pluginProblem(plugin);
      if (problem !== undefined) fail(`has a plugin of root \`${name}\` with a wrong \`${problem}\``);
    }
  }
  return checkedGeneration(root, () => fail("has a list of other plugins than its own"));
}

/**
 * Text of a generation: compact, roots and ids sorted, equal for equal generations. The first line holds all but the roots, and
 * the list of their plugins (`readGenerationList`), so that a list can be shown without reading the rest.
 */
export function writeGeneration(generation: Generation): string {
  const roots = Object.keys(generation.roots)
    .sort()
    .map((name): [string, RootClosure] => {
      const closure = generation.roots[name] ?? { lockDigest: "", plugins: [] };
      const plugins = closure.plugins.toSorted((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0));
      const { lockDigest, made } = closure;
      return [name, { lockDigest, plugins, ...(made !== undefined && { made }) }];
    });
  const { schema, number, parent, createdAt, verb, root, audit } = generation;
  const sorted = Object.fromEntries(roots);
  const rest = `${JSON.stringify({ roots: sorted }).slice(1)}\n`;
  const restBytes = Buffer.byteLength(rest);
  const head = { schema, number, parent, createdAt, verb, root, audit, restBytes, list: listOf(sorted) };
  return `${JSON.stringify(head).slice(0, -1)},\n${rest}`;
}

/**
 * A text that we wrote equals its own compact form but for two line ends, which proves at native speed that no key is repeated;
 * any other text takes the careful reader.
 */
function parse(text: string, file: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const compact = JSON.stringify(value);
    const plain = compact.length + 2 === text.length && text.endsWith("\n") && !text.includes("\\u");
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
function checkedGeneration(root: object, fail: () => never): Generation {
  const { list, restBytes: _, ...own } = root as Generation & { readonly list?: unknown; readonly restBytes?: unknown };
  if (list !== undefined && JSON.stringify(list) !== JSON.stringify(listOf(own.roots))) fail();
  return own;
}

function pluginProblem(plugin: unknown): string | undefined {
  if (!isRecord(plugin)) return "form";
  for (const key of ["id", "version", "consent", "installedAt"]) if (typeof plugin[key] !== "string") return key;
  for (const key of ["tree", "manifest"]) if (!isDigestText(plugin[key])) return key;
  for (const key of ["enabled", "requested"]) if (typeof plugin[key] !== "boolean") return key;
  for (const key of ["tokens", "bytes"]) if (typeof plugin[key] !== "number") return key;
  if (!FORMATS.includes(String(plugin["format"]))) return "format";
  if (!SCOPES.includes(String(plugin["scope"]))) return "scope";
  const source = plugin["source"];
  if (!isRecord(source) || !SOURCES.includes(String(source["kind"]))) return "source";
  if (!isTexts(plugin["disabledComponents"])) return "disabledComponents";
  const [dependencies, provides] = [plugin["dependencies"], plugin["provides"]];
  if (!isRecord(dependencies) || !Object.values(dependencies).every((range) => typeof range === "string"))
    return "dependencies";
  if (plugin["entry"] !== undefined && !isRecord(plugin["entry"])) return "entry";
  if (!arePackages(plugin["packages"])) return "packages";
  if (!areLaunchers(plugin["launchers"])) return "launchers";
  if (!areTools(plugin["tools"])) return "tools";
  const picks = plugin["lockedLaunchers"];
  if (picks !== undefined && !isRecord(picks)) return "lockedLaunchers";
  if (plugin["reader"] !== undefined && typeof plugin["reader"] !== "number") return "reader";
  if (!isRecord(provides) || !Object.values(provides).every((count) => typeof count === "number")) return "provides";
  return undefined;
}

function isDigestText(value: unknown): boolean {
  return typeof value === "string" && value.length === 71 && value.startsWith("sha256-");
}

function arePackages(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isRecord(value)) return false;
  const { tree, count, problem, hint } = value as { readonly [key: string]: unknown };
  if (tree !== undefined) return isDigestText(tree) && typeof count === "number" && problem === undefined;
  return typeof problem === "string" && (hint === undefined || typeof hint === "string");
}

function areLaunchers(value: unknown): boolean {
  if (value === undefined) return true;
  return isRecord(value) && Object.values(value).every((launcher) => isLauncher(launcher));
}

function isLauncher(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (value["image"] !== undefined) return isImageDigest(value["image"]);
  const { tree, program, node, packages, count, problem, hint, locked } = value as { readonly [key: string]: unknown };
  if (tree === undefined)
    return (
      typeof problem === "string" && typeof locked === "boolean" && (hint === undefined || typeof hint === "string")
    );
  const isFile = typeof program === "string" && /^node_modules\/[^\0\\]+$/u.test(program) && !program.includes("..");
  return isDigestText(tree) && isFile && typeof node === "boolean" && isTexts(packages) && typeof count === "number";
}

function areTools(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isRecord(value)) return false;
  return Object.values(value).every((tools) => isRecord(tools) && Object.values(tools).every(isDigestText));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function corrupt(file: string, what: string): CodedError {
  return new CodedError("E_STATE_CORRUPT", `\`${file}\` ${what}`, { where: file, hint: HINT });
}
