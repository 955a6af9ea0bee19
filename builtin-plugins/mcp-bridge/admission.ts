import type { Workspace } from "plugsmith/plugin-api";
import { resolveEndpoint } from "./endpoint.ts";
import { compareSources, describeServer, serverKey, toolPrefix, type ServerSource } from "./server-source.ts";

/** A server that takes part, with the beginning of its tools' names. */
export interface Admitted {
  readonly source: ServerSource;
  readonly prefix: string;
}

/** What becomes of all servers that plugins and folders contribute. */
export interface Admission {
  readonly admitted: readonly Admitted[];
  /** Why others do not take part, by server. */
  readonly skipped: ReadonlyMap<ServerSource, string>;
}

/**
 * Chooses among all servers, strongest first: of two under one name, or of two that are the same program or address, the stronger one
 * takes part (formats.md §7.1, attacks.md PR13). A server without an endpoint is skipped with its reason.
 */
export async function admit(
  sources: readonly ServerSource[],
  workspace: Workspace,
  warn: (message: string) => void,
): Promise<Admission> {
  const sorted = sources.toSorted(compareSources);
  const results = await Promise.all(sorted.map((source) => resolveEndpoint(source, { workspace })));
  const skipped = new Map<ServerSource, string>();
  const byKey = new Map<string, ServerSource>();
  const byIdentity = new Map<string, ServerSource>();
  const prefixes = new Set<string>();
  const admitted: Admitted[] = [];
  for (const [index, source] of sorted.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    const sameName = byKey.get(serverKey(source));
    if (sameName !== undefined) {
      skipped.set(source, `\`${sameName.plugin.id}\` has a server of the same name, which counts`);
      continue;
    }
    if (result.kind === "problem") {
      skipped.set(source, result.problem);
      continue;
    }
    const same = byIdentity.get(result.identity);
    if (same !== undefined) {
      skipped.set(source, `it is the same as ${describeServer(same)}, which runs in its place`);
      continue;
    }
    if (result.warning !== undefined) warn(`${describeServer(source)}: ${result.warning}`);
    byKey.set(serverKey(source), source);
    byIdentity.set(result.identity, source);
    admitted.push({ source, prefix: free(toolPrefix(source), prefixes) });
  }
  return { admitted, skipped };
}

/** Names that differ only in odd characters get a number. */
function free(prefix: string, taken: Set<string>): string {
  let name = prefix;
  for (let count = 2; taken.has(name); count += 1) name = `${prefix}_${String(count)}`;
  taken.add(name);
  return name;
}
