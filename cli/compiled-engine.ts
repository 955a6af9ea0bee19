import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script, constants } from "node:vm";
import { isCodedError } from "../schemas/errors.ts";
import { digestOf } from "../schemas/tree-digest.ts";
import { homeOf } from "./home.ts";

/** The engine of the built program, evaluated. */
export interface CompiledEngine {
  /** What its modules export, by the names that the bundle gave. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Says that this process runs a part of it, so that the kept code covers that part from now on. */
  readonly uses: (part: string) => void;
}

interface KeptCode {
  readonly code: Buffer;
  /** Parts that had run when the code was kept. */
  readonly parts: ReadonlySet<string>;
}

/**
 * Evaluates the engine from its file, with the code that earlier runs compiled. Node's own compile cache keeps what is compiled
 * before anything ran, which is next to nothing; here it is kept when the process ends, with every function that was called.
 *
 * The first line of the file is a comment that names its content; the kept code lies below it in the home and is used only
 * for that content, this version of Node, and if every byte is as it was written: V8 trusts what it is given.
 */
export function openEngine(file: string): CompiledEngine {
  const source = readFileSync(file, "latin1");
  const path = keptPath(source);
  const kept = path === undefined ? undefined : readKept(path);
  silenceLoaderWarning();
  const script = new Script(`(function (module, exports, require, __filename) {${source}\n})`, {
    filename: file,
    cachedData: kept?.code,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  // The file is one function of these four, as every CommonJS file is.
  const evaluate = script.runInThisContext() as (...values: readonly unknown[]) => void;
  evaluate(module, module.exports, createRequire(file), file);
  const covered = script.cachedDataRejected === false ? kept?.parts : undefined;
  const used = new Set<string>();
  if (path !== undefined) {
    process.once("exit", () => {
      if ([...used].some((part) => covered?.has(part) !== true))
        keep(path, { code: script.createCachedData(), parts: new Set([...(covered ?? []), ...used]) });
    });
  }
  return { exports: module.exports, uses: (part) => void used.add(part) };
}

/**
 * Lets Node give its one warning about packages that the engine imports where nobody hears it; every other warning still goes out.
 * A script that imports a module of Node has it given at once.
 */
function silenceLoaderWarning(): void {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    new Script('import("node:path")', {
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Never the shared temporary directory, where another user could plant code. */
function keptPath(source: string): string | undefined {
  const content = /^\/\/ ([0-9a-f]{64})\n/.exec(source)?.[1];
  try {
    const folder = join(homeOf(process.env).cacheRoot, "compile");
    return content && join(folder, `${content.slice(0, 16)}-${process.version}-${process.arch}`);
  } catch (error) {
    // A home that cannot be named is reported by the verb that needs it.
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}

function readKept(path: string): KeptCode | undefined {
  try {
    const bytes = readFileSync(path);
    const end = bytes.indexOf("\n");
    const [digest, ...parts] = bytes.toString("latin1", 0, end).split(" ");
    const code = bytes.subarray(end + 1);
    return digestOf(code) === digest ? { code, parts: new Set(parts) } : undefined;
  } catch {
    // There is none yet, or it cannot be read: the engine is compiled anew.
    return undefined;
  }
}

/** Called while the process ends, so it does not throw: a home that cannot be written costs the next run its time. */
function keep(path: string, { code, parts }: KeptCode): void {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Not made durable: the digest tells whether all of it reached the disk.
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${[digestOf(code), ...parts].join(" ")}\n`), code]), {
      flag: "wx",
      mode: 0o600,
    });
    renameSync(temporary, path);
  } catch {
    // Nothing was kept; half of it may not fill the disk that was too full for it.
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The collection of what nothing needs takes it.
    }
  }
}
