import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { CodedError } from "../../../schemas/errors.ts";
import { isRecord } from "../../../schemas/record.ts";
import { readModule, type Module } from "./modules.ts";

/** Source files by path. */
export type Sources = ReadonlyMap<string, Uint8Array>;

/** Code of a plugin as plain JavaScript. */
export interface Compiled {
  /** Path of the entry, without `./`. */
  readonly entry: string;
  /** Path → text of modules that were compiled or changed. */
  readonly written: ReadonlyMap<string, { readonly text: string; readonly from: string }>;
  /** Sources that they stand for. */
  readonly replaced: ReadonlySet<string>;
}

const HOST = /^plugsmith\/plugin-api(?:\/|$)/u;

/**
 * Compiles an entry with all modules that it reaches: every TypeScript file becomes the JavaScript file of its name, and what
 * imports it by `.ts` imports that. Throws `E_COMPILE` for what cannot be compiled or is not there.
 */
export function compile(sources: Sources, entry: string): Compiled {
  const written = new Map<string, { readonly text: string; readonly from: string }>();
  const seen = new Set<string>();
  const waiting = [entry];
  const dependencies = dependenciesOf(sources);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const module = readModule(new TextDecoder().decode(sources.get(path)), path);
    const changes: { readonly start: number; readonly end: number; readonly text: string }[] = [];
    for (const { specifier, start, end } of module.imports) {
      const target = resolve(sources, path, specifier, dependencies);
      if (target === undefined) continue;
      if (isModule(target)) waiting.push(target);
      if (isTypeScript(specifier)) changes.push({ start, end, text: compiledName(specifier) });
    }
    const to = compiledName(path);
    if (to !== path && sources.has(to)) {
      throw new CodedError("E_COMPILE", `\`${path}\` compiles to \`${to}\`, which is there already`, {
        hint: `remove \`${to}\`, or name it as the entry`,
        where: path,
      });
    }
    if (to !== path || changes.length > 0) written.set(to, { text: changed(module, changes), from: path });
  }
  return {
    entry: compiledName(entry),
    written,
    replaced: new Set([...seen].filter((path) => isTypeScript(path))),
  };
}

/** Whether a file has to be compiled before a host runs it. */
function isTypeScript(path: string): boolean {
  return /(?<!\.d)\.m?ts$/u.test(path);
}

function isModule(path: string): boolean {
  return /\.m?[jt]s$/u.test(path);
}

function compiledName(path: string): string {
  return isTypeScript(path) ? path.replace(/ts$/u, "js") : path;
}

function changed(
  { text }: Module,
  changes: readonly { readonly start: number; readonly end: number; readonly text: string }[],
): string {
  return changes.reduceRight(
    (before, { start, end, text: by }) => before.slice(0, start) + by + before.slice(end),
    text,
  );
}

/** The file of the plugin that an import means; `undefined` when it means none. */
function resolve(
  sources: Sources,
  from: string,
  specifier: string,
  dependencies: ReadonlySet<string>,
): string | undefined {
  if (!specifier.startsWith(".")) {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    if (isBuiltin(specifier) || HOST.test(specifier) || specifier.startsWith("#") || dependencies.has(name))
      return undefined;
    throw new CodedError("E_COMPILE", `\`${from}\` imports \`${specifier}\`, which the plugin does not bring`, {
      hint: "name it under `dependencies` of a `package.json` beside a lock file, or write it into the plugin",
      where: from,
    });
  }
  const path = posix.join(posix.dirname(from), specifier);
  if (sources.has(path)) return path;
  // As compilers have it: the name of what the file becomes.
  const source = path.replace(/js$/u, "ts");
  if (isTypeScript(source) && sources.has(source)) return source;
  throw new CodedError("E_COMPILE", `\`${from}\` imports \`${specifier}\`, which is not in the package`, {
    hint: "write the file, or see with `plugin pack --dry-run` why it is left out",
    where: from,
  });
}

/** Names under `dependencies` of the plugin's own `package.json`. */
function dependenciesOf(sources: Sources): ReadonlySet<string> {
  const bytes = sources.get("package.json");
  if (bytes === undefined) return new Set();
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const listed = isRecord(json) ? json["dependencies"] : undefined;
    return new Set(isRecord(listed) ? Object.keys(listed) : []);
  } catch (cause) {
    throw new CodedError("E_JSON", "`package.json` is not valid JSON", {
      cause,
      where: "package.json",
      hint: "correct it",
    });
  }
}
