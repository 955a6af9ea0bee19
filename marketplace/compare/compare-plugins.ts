import type { Change, ExecutableFact, FileDifference, PluginDifference } from "./difference.ts";
import { fileDifferences, NO_TEXTS } from "./file-differences.ts";
import { hostsIn } from "./network-hosts.ts";
import { type ComparedPlugin, pluginFacts } from "./plugin-facts.ts";

/**
 * Compares two states of one plugin; a side that is `undefined` has nothing. The one place that says what a change is: `diff`,
 * plans, consent, web pages and releases show parts of its answer.
 */
export function comparePlugins(
  before: ComparedPlugin | undefined,
  after: ComparedPlugin | undefined,
): PluginDifference {
  const [old, now] = [before ?? nothing(after), after ?? nothing(before)];
  const [was, is] = [pluginFacts(old), pluginFacts(now)];
  const files = fileDifferences(old.members, now.members, { before: old.textOf, after: now.textOf });
  return {
    files,
    contributions: changeOf(was.contributions, is.contributions),
    executables: changeOf(was.executables, is.executables),
    capabilities: changeOf(was.capabilities, is.capabilities),
    hosts: hostChange({ ...old, commands: was.executables }, { ...now, commands: is.executables }, files),
    dependencies: changeOf(was.dependencies, is.dependencies),
    requiredOptions: changeOf(was.requiredOptions, is.requiredOptions),
    tokens: { before: was.tokens, after: is.tokens },
    bytes: { before: was.bytes, after: is.bytes },
  };
}

function nothing(other: ComparedPlugin | undefined): ComparedPlugin {
  return { id: other?.id ?? "", manifest: undefined, members: [], textOf: NO_TEXTS, packages: undefined };
}

/** Facts that only one side has; facts are equal when their members are. */
function changeOf<T>(before: readonly T[], after: readonly T[]): Change<T> {
  return { added: missing(after, before), removed: missing(before, after) };
}

function missing<T>(from: readonly T[], others: readonly T[]): readonly T[] {
  const known = new Set(others.map((one) => JSON.stringify(one)));
  return [...new Map(from.map((one) => [JSON.stringify(one), one]))].flatMap(([key, one]) =>
    known.has(key) ? [] : [one],
  );
}

/** Files that are alike on both sides are read only when a host seems to come or go. */
function hostChange(before: Named, after: Named, files: readonly FileDifference[]): Change<string> {
  const changed = new Set(files.map(({ path }) => path));
  const [gone, come] = [hostsOf(before, changed), hostsOf(after, changed)];
  const change = { added: [...come.difference(gone)].sort(), removed: [...gone.difference(come)].sort() };
  if (change.added.length + change.removed.length === 0) return change;
  const same = hostsOf(after, new Set(after.members.flatMap(({ path }) => (changed.has(path) ? [] : [path]))));
  const isNew = (host: string): boolean => !same.has(host);
  return { added: change.added.filter(isNew), removed: change.removed.filter(isNew) };
}

/** A plugin with what it runs, which an entry of a catalog may name instead of a file. */
interface Named extends ComparedPlugin {
  readonly commands: readonly ExecutableFact[];
}

function hostsOf({ members, textOf, commands }: Named, paths: ReadonlySet<string>): Set<string> {
  const hosts = new Set(commands.flatMap(({ display }) => [...hostsIn(display)]));
  for (const { kind, path } of members) {
    if (kind !== "file" || !paths.has(path)) continue;
    for (const host of hostsIn(textOf(path) ?? "")) hosts.add(host);
  }
  return hosts;
}
