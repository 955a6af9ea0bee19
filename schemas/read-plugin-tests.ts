import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import type * as z from "zod";
import type { Diagnostic } from "./diagnostic.ts";
import { caseProblem } from "./plugin-case-kind.ts";
import { pluginCaseSchema, routingCaseSchema, type PluginCase, type RoutingCase } from "./plugin-tests.ts";

/** Something of a test file with the place where it stands; `line` counts from 1. */
export type Placed<Value> = Value & { readonly file: string; readonly line: number };

/** What a test file says; items with an error are left out. */
export interface ReadTests {
  readonly cases: readonly Placed<PluginCase>[];
  readonly routing: readonly Placed<RoutingCase>[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a test file of a plugin. */
export function readPluginTests(text: string, file: string): ReadTests {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false, uniqueKeys: true });
  const diagnostics: Diagnostic[] = [];
  const report = (message: string, offset: number, hint = HINT): void => {
    const { line, col } = lines.linePos(offset);
    diagnostics.push({ code: "E_SCHEMA", severity: "error", message, file, line, column: col, hint, dropped: "test" });
  };
  for (const { message, pos } of document.errors) report(message.split("\n")[0] ?? message, pos[0]);
  if (diagnostics.length > 0) return { cases: [], routing: [], diagnostics };
  const root: unknown = document.toJS({ maxAliasCount: 20 });
  const empty = { cases: [], routing: [], diagnostics };
  if (root === null || typeof root !== "object" || Array.isArray(root)) {
    report("a test file is a mapping with `cases`, `routing`, or both", 0);
    return empty;
  }
  for (const key of Object.keys(root)) {
    if (key !== "cases" && key !== "routing") report(`a key \`${key}\` means nothing here`, offsetOf(document, [key]));
  }
  const items = <Value>(key: string, schema: z.ZodType<Value>, check: Check<Value>): readonly Placed<Value>[] => {
    // A mapping, as was tested above.
    const list = (root as Readonly<Record<string, unknown>>)[key] ?? [];
    if (!Array.isArray(list)) {
      report(`\`${key}\` must be a list`, offsetOf(document, [key]));
      return [];
    }
    return list.flatMap((item: unknown, at): readonly Placed<Value>[] => {
      const parsed = schema.safeParse(item);
      const path = [key, at];
      if (!parsed.success) {
        for (const { path: inner, message } of parsed.error.issues)
          report(`${shown([...path, ...inner])}: ${message}`, offsetOf(document, [...path, ...inner]));
        return [];
      }
      const problem = check(parsed.data);
      if (problem !== undefined) {
        report(`${shown(path)}: ${problem.message}`, offsetOf(document, [...path, ...problem.path]));
        return [];
      }
      return [{ ...parsed.data, file, line: lines.linePos(offsetOf(document, path)).line }];
    });
  };
  const taken = new Set<string>();
  const cases = items("cases", pluginCaseSchema, (one) => {
    if (taken.has(one.name)) return { path: ["name"], message: `another case is called \`${one.name}\`` };
    taken.add(one.name);
    return caseProblem(one);
  });
  const routing = items("routing", routingCaseSchema, () => undefined);
  return { cases, routing, diagnostics };
}

type Check<Value> = (value: Value) => { readonly path: readonly string[]; readonly message: string } | undefined;

const HINT = 'the author guide has the format under "Tests"';

/** Where a path of the document begins, or the nearest of what holds it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** `cases[1].expect`. */
function shown(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${String(part)}]` : `${at === 0 ? "" : "."}${String(part)}`))
    .join("");
}
