import { realpathSync } from "node:fs";
import { offersBetween, type VersionStates, versionStates } from "../../marketplace/bisect/version-states.ts";
import { generationStates, type TrialState } from "../../marketplace/bisect/states.ts";
import type { TrialHomes } from "../../marketplace/bisect/trial-homes.ts";
import { projectRootOf } from "../../core/discover/enabled-set.ts";
import { generationsBetween } from "../../marketplace/compare/generation-set.ts";
import { offeredPlugin } from "../../marketplace/compare/version-set.ts";
import { readGenerationNumber } from "../../marketplace/generations/generations.ts";
import { currentNumber } from "../../marketplace/generations/state-files.ts";
import { splitId } from "../../marketplace/install/ids.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { homeOf } from "../home.ts";
import { findInstalled, installedHere } from "../installed.ts";
import type { TerminalEngine } from "../terminal.ts";

/** Generations from a good one to a bad one (default: the current), as they are seen from where the verb was started. */
export function generationTrials(context: VerbContext, good: string, bad: string | undefined): readonly TrialState[] {
  const home = homeOf(context.environment);
  const [from, to] = [numberOf(good, "good"), bad === undefined ? currentNumber(home) : numberOf(bad, "bad")];
  if (from >= to) {
    throw new CodedError("E_USAGE", `generation ${to} is not later than ${from}`, {
      hint: "`--good` is the earlier generation, `--bad` the later one; `plugin generations` lists them",
    });
  }
  const generations = [from, ...generationsBetween(home, { from, to })].map((number) =>
    readGenerationNumber(home, number),
  );
  const directory = realpathSync(context.cwd);
  const roots = generations.flatMap((generation) => projectRootOf(generation, directory) ?? []);
  return generationStates(generations, ["user", ...roots]);
}

function numberOf(text: string, flag: string): number {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw new CodedError("E_USAGE", `\`--${flag} ${text}\` is not the number of a generation`, {
    hint: "`plugin generations` lists the numbers; for versions of a plugin add `--plugin name@market`",
  });
}

/** Versions of a plugin from a good one to a bad one (default: the installed, else the newest), put into what is installed now. */
export async function versionTrials(
  context: VerbContext,
  { catalogs, services, sources }: TerminalEngine,
  homes: TrialHomes,
  { plugin, good, bad }: { readonly plugin: string; readonly good: string; readonly bad: string | undefined },
): Promise<VersionStates> {
  const { generation, plugins } = await installedHere(context);
  const isInstalled = plugins.some(({ plugin: { id } }) => id === plugin || id.startsWith(`${plugin}@`));
  const [installed] = isInstalled ? await findInstalled(plugin, plugins) : [];
  const { name, market } = splitId(installed?.plugin.id ?? plugin);
  const offered = await offeredPlugin(name, market, { services, catalogs, sources });
  const last = bad ?? installed?.plugin.version ?? offered.offers[0]?.version ?? "";
  const offers = offersBetween(offered, good, last);
  const root = installed?.root ?? "user";
  return await versionStates(offered, offers, { services, sources, store: homes.store, generation, root });
}
