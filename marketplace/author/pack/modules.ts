import { stripTypeScriptTypes } from "node:module";
import { parse } from "es-module-lexer/js";
import { CodedError } from "../../../schemas/errors.ts";

/** One module as JavaScript. */
export interface Module {
  readonly text: string;
  /** What it imports by a text that stands in it, in order. */
  readonly imports: readonly ModuleImport[];
}

/** A specifier and where it stands, without its quotes. */
export interface ModuleImport {
  readonly specifier: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a module; of TypeScript the types are replaced by blanks, so that lines and columns stay. Throws `E_COMPILE` with the
 * place for what is no JavaScript once its types are gone.
 */
export function readModule(text: string, file: string): Module {
  const javascript = /\.[cm]?ts$/u.test(file) ? withoutTypes(text, file) : text;
  try {
    const [imports] = parse(javascript, file);
    return {
      text: javascript,
      imports: imports.flatMap((found) => {
        if (found.type === "import-meta" || found.specifier === undefined) return [];
        const { specifier, start, end } = found;
        if (found.type !== "dynamic") return [{ specifier, start, end }];
        // A template is no one file; of an `import()` the place includes the quotes.
        return found.glob ? [] : [{ specifier, start: start + 1, end: end - 1 }];
      }),
    };
  } catch (cause) {
    throw new CodedError("E_COMPILE", `\`${file}\` is no valid JavaScript module`, {
      cause,
      where: file,
      hint: "correct it",
    });
  }
}

function withoutTypes(text: string, file: string): string {
  if (typeof stripTypeScriptTypes !== "function") {
    throw new CodedError("E_NODE", `this Node.js (${process.version}) cannot read TypeScript`, {
      hint: "use Node.js 22.13 or newer, or compile the entry yourself",
    });
  }
  // Node warns that the function is new; nothing else runs meanwhile.
  const warn = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text, { mode: "strip" });
  } catch (error) {
    const said = error instanceof Error ? error : new Error(String(error));
    const line = /^[^\n:]*:(\d+)\n/u.exec(said.stack ?? "")?.[1];
    throw new CodedError("E_COMPILE", `\`${file}\` cannot be compiled: ${said.message}`, {
      cause: error,
      where: line === undefined ? file : `${file}:${line}`,
      hint: "write TypeScript whose types can be erased (no `enum`, no parameter properties), or compile the entry yourself",
    });
  } finally {
    process.emitWarning = warn;
  }
}
