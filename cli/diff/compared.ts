import { join } from "node:path";
import {
  compareSets,
  type OpenedChange,
  type PluginSet,
  type SetDifference,
} from "../../marketplace/compare/compare-sets.ts";
import { generationMember, generationSet, lastChange } from "../../marketplace/compare/generation-set.ts";
import { lockSet } from "../../marketplace/compare/lock-set.ts";
import { namedLock } from "../../marketplace/compare/lock-text.ts";
import { offeredPlugin, offerOf, versionSet } from "../../marketplace/compare/version-set.ts";
import { currentNumber } from "../../marketplace/generations/state-files.ts";
import { splitId } from "../../marketplace/install/ids.ts";
import { Store } from "../../marketplace/store/store.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { homeOf } from "../home.ts";
import { findInstalled, installedHere } from "../installed.ts";
import { defaultScope, targetOf } from "../target.ts";
import type { TerminalEngine } from "../terminal.ts";
import type { DiffSubject } from "./subject.ts";

/** Compares what was named on the command line. */
export async function compared(
  subject: DiffSubject,
  context: VerbContext,
): Promise<{ readonly difference: SetDifference; readonly opened: readonly OpenedChange[] }> {
  const engine = await context.engine();
  const [from, to] = await sidesOf(subject, context, engine);
  const found = await compareSets(from, to, () => true);
  engine.quiet();
  return found;
}

async function sidesOf(
  subject: DiffSubject,
  context: VerbContext,
  engine: TerminalEngine,
): Promise<readonly [PluginSet, PluginSet]> {
  const home = homeOf(context.environment);
  const store = new Store(home);
  const { services, sources } = engine;
  const options = { home, store, services, sources };
  switch (subject.kind) {
    case "last":
    case "generations": {
      const { scope } = context.options;
      const root = scope === undefined ? undefined : (targetOf(context, scope, home).directory ?? "user");
      const range = subject.kind === "last" ? lastChange(home) : { from: subject.from, to: currentNumber(home) };
      const end = subject.kind === "generations" ? (subject.to ?? range.to) : range.to;
      return [generationSet(range.from, { ...options, root }), generationSet(end, { ...options, root })];
    }
    case "locks": {
      const { from } = subject;
      const to = subject.to ?? lockHere(context);
      const [before, after] = [
        await namedLock(from, context.cwd, services),
        await namedLock(to, context.cwd, services),
      ];
      return [lockSet(before, from, options), lockSet(after, to, options)];
    }
    case "versions":
      return await versionSides(subject, context, engine, store);
  }
}

/** The lock of the root that the verb acts on. */
function lockHere(context: VerbContext): string {
  const home = homeOf(context.environment);
  const { directory } = targetOf(context, context.options.scope ?? defaultScope(context, home), home);
  return directory === undefined ? home.lock : join(directory, "plugins.lock");
}

async function versionSides(
  { plugin, from, to }: Extract<DiffSubject, { readonly kind: "versions" }>,
  context: VerbContext,
  { services, catalogs, sources }: TerminalEngine,
  store: Store,
): Promise<readonly [PluginSet, PluginSet]> {
  const { plugins } = await installedHere(context);
  const isFull = plugin.includes("@");
  const installed = isFull && from !== undefined ? undefined : await installedOrNot(plugin, plugins, isFull);
  const { name, market } = splitId(installed?.plugin.id ?? plugin);
  const options = { services, catalogs, sources };
  const offered = await offeredPlugin(name, market, options);
  const newest = offered.offers.find((offer) => offer.current) ?? offered.offers[0];
  const end = to === undefined ? newest : offerOf(offered, to);
  if (end === undefined)
    throw new CodedError("E_PLUGIN_UNKNOWN", `\`${plugin}\` has no version`, { hint: "ask its maintainer" });
  const after = versionSet(offered, end, options);
  if (from !== undefined) return [versionSet(offered, offerOf(offered, from), options), after];
  if (installed === undefined) throw notInstalled(offered.id);
  const member = { ...generationMember("", installed.plugin, store, services), enabled: undefined };
  return [{ label: `${offered.id} ${installed.plugin.version} (installed)`, members: [member] }, after];
}

async function installedOrNot(
  word: string,
  plugins: Awaited<ReturnType<typeof installedHere>>["plugins"],
  mayBeMissing: boolean,
) {
  if (mayBeMissing && !plugins.some(({ plugin }) => plugin.id === word)) return undefined;
  return (await findInstalled(word, plugins))[0];
}

function notInstalled(id: string): CodedError {
  return new CodedError(
    "E_NOT_INSTALLED",
    `\`${id}\` is not installed, so there is nothing to compare its newest version to`,
    {
      hint: `name two versions: \`plugin diff ${id} 1.0.0..1.1.0\``,
    },
  );
}
