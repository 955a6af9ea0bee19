import { CodedError } from "../../schemas/errors.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { RootClosure } from "../../schemas/generation.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { readCurrent } from "../generations/generations.ts";
import { needsRecovery, recover } from "../generations/recover.ts";
import { currentNumber } from "../generations/state-files.ts";
import type { Home } from "../home.ts";
import { buildPlan } from "../plan/build-plan.ts";
import { comparePlugins } from "../compare/compare-plugins.ts";
import { sinceAccepted } from "../compare/since-accepted.ts";
import { inspectedPlugin, storedPlugin } from "../compare/read-compared.ts";
import { knownLaunchers } from "../launchers/lock-launchers.ts";
import type { Plan } from "../plan/plan.ts";
import { reportedFindings } from "../scan/reported-findings.ts";
import { plannedPackages } from "../packages/wanted-packages.ts";
import type { Services } from "../services.ts";
import type { PluginSources } from "../sources/offer.ts";
import { canonicalJson } from "../../schemas/canonical-json.ts";
import type { Staging } from "../store/staging.ts";
import { changeLinks, wrongLinks } from "../store/cache-links.ts";
import { Store } from "../store/store.ts";
import { bundledSources } from "../bundle/bundled-sources.ts";
import type { Bundle } from "../bundle/read-bundle.ts";
import { bringCatalogs, prepareBundle, type PreparedBundle } from "./bring-bundle.ts";
import { claimStore } from "../store/store-claim.ts";
import type { Change, ChangeReport, Interaction, Target } from "./change.ts";
import { commitRoot } from "./commit-root.ts";
import { desire } from "./desire.ts";
import type { Desired } from "./desired.ts";
import { passConsent, passLaunchers, passLoadCheck, passPolicy } from "./gates.ts";
import { earlierIntents } from "./history.ts";
import { splitId } from "./ids.ts";
import { nextFiles } from "./next-files.ts";
import { prepareRollback } from "./roll-back.ts";
import { runSourceCommands } from "./command-step.ts";
import { settleData } from "./plugin-data.ts";
import { packagesToFetch, withPackages } from "./package-step.ts";
import { bringMarkets, checkMarketNames, wantedBy } from "./project-markets.ts";
import { resolveRoot, type ResolvedRoot } from "./resolve-root.ts";
import { launchersToFetch, withLaunchers } from "./launcher-step.ts";
import { loadRoot, refuseUnsynced, type RootState } from "./root-state.ts";
import { refuseSimilarIds } from "./similar-ids.ts";
import { passPlaces } from "./strange-places.ts";
import { triggerNotes } from "./trigger-notes.ts";
import { announce } from "./verb-text.ts";

/** How often a verb starts over because another process changed the same root meanwhile. */
const MAX_ATTEMPTS = 50;

/**
 * Walks the whole pipeline of DESIGN §4 for one verb: request, catalog, solve, policy, fetch, inspect, plan,
 * load check, confirmation, consent, commit. Nothing outside private staging and download caches changes before the commit.
 * Throws `CodedError`; then intent, lock and generation are as they were.
 */
export async function runChange(
  services: Services,
  catalogs: Catalogs,
  sources: PluginSources,
  target: Target,
  change: Change,
  interaction: Interaction,
): Promise<ChangeReport> {
  const [confirmed, ran] = [new Set<string>(), new Set<string>()];
  const { home, signal, progress } = services;
  const onWait = (holder: number): void => progress(`waiting for process ${holder}, which removes what nothing needs`);
  using _ = await claimStore(home, { signal, onWait });
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    services.signal.throwIfAborted();
    const report = await attemptChange({ services, catalogs, sources, target, change, interaction, confirmed, ran });
    if (report !== "overtaken") return report;
  }
  throw new CodedError("E_LOCKED", "other processes keep changing the same plugins", {
    hint: "wait for them to finish and try again",
  });
}

interface Attempt {
  readonly services: Services;
  readonly catalogs: Catalogs;
  readonly sources: PluginSources;
  readonly target: Target;
  readonly change: Change;
  readonly interaction: Interaction;
  /** Fingerprints of what the person has said yes to in this run. */
  readonly confirmed: Set<string>;
  /** Plugins whose command was run. */
  readonly ran: Set<string>;
}

async function attemptChange(attempt: Attempt): Promise<ChangeReport | "overtaken"> {
  const { services, catalogs, sources, target, change, interaction } = attempt;
  const { state, recovered } = await settledRoot(services, target);
  refuseUnsynced(state, change);
  const store = new Store(services.home);
  let staging: Staging | undefined;
  const brought = new Set<string>();
  const options = {
    services,
    catalogs,
    sources,
    store,
    thorough: change.verb === "sync" && (!change.frozen || change.thorough === true),
    staging: () => (staging ??= store.stage(services.signal)),
  };
  try {
    const past = change.verb === "rollback" ? prepareRollback(services.home, state, change.to) : undefined;
    const bundled = change.verb === "import" ? await withCatalogs(change.bundle, state, catalogs, brought) : undefined;
    const desired = past ?? bundled ?? (await desireWithMarkets(state, attempt, brought));
    const start = past?.state ?? bundled?.state ?? state;
    checkMarketNames(start, desired, catalogs);
    if (past === undefined && bundled === undefined && !interaction.dryRun)
      await runSourceCommands(state, desired, { services, catalogs, store, ran: attempt.ran });
    const from = change.verb === "import" ? bundledSources(sources, change.bundle, bundled?.lock) : sources;
    const resolved = await resolveRoot(start, desired, { ...options, sources: from });
    const wanted = packagesToFetch(resolved, state, attempt, desired.asked);
    const started = launchersToFetch(resolved, state, attempt, desired.asked);
    const verb = past === undefined ? announce(change, desired.asked) : `rollback to ${past.number}`;
    const plan = buildPlan({
      verb,
      scope: target.scope,
      root: state.key,
      before: state.installed,
      after: new Map(resolved.plugins.map((plugin) => [plugin.id, plugin])),
      inspected: resolved.inspected,
      asked: desired.asked,
      cycles: resolved.cycles,
      packages: plannedPackages(wanted.packages),
      lockedLaunchers: resolved.launchers.locked,
      notes: [
        ...desired.notes,
        ...resolved.notes,
        ...recovered.map((diagnostic) => diagnostic.message),
        ...triggerNotes(state, resolved, services, store),
      ],
      knownIds: services.knownIds,
      accepted: services.consent.has,
      lastAccepted: services.consent.last,
      lockedSource: (id) =>
        past === undefined ? (state.shared.lock.value.plugins[id] ?? state.installed.get(id))?.source : undefined,
      agents: (touched) => interaction.foresee?.(resolved.plugins, resolved.inspected, touched) ?? [],
      reported: (plugins) => reportedFindings(interaction.reports ?? [], plugins),
      since: sinceAccepted({
        store,
        openTree: services.openTree,
        before: knownLaunchers({ known: state.shared.lock.value.launchers ?? {}, installed: state.installed }),
        after: resolved.launchers.locked,
      }),
      difference: (old, plugin) =>
        store.has(old.tree) && typeof store.findManifest(old.manifest) === "object"
          ? comparePlugins(storedPlugin(store, old, services.openTree), inspectedPlugin(plugin, services.openTree))
          : undefined,
    });
    const earlier = change.verb === "remove" ? earlierIntents(services.home, state) : [];
    const kept = desired.frozen && desired.pins === undefined ? "frozen" : past?.texts;
    const files = nextFiles(state, resolved, kept, earlier);
    const generation = state.generation?.number ?? 0;
    const isSettled = (plugins: RootClosure["plugins"]): boolean =>
      files.changes.length === 0 && isIdle(plan) && isRunning(plugins, files.lockDigest, state.closure);
    const settle = async (shown: Plan, repaired: readonly string[]): Promise<ChangeReport> => {
      // The root is as asked, so what was brought for it is wanted as well.
      if (!interaction.dryRun) brought.clear();
      if (!interaction.dryRun && change.verb === "sync") await restoreLinks(services);
      if (repaired.length === 0) return { outcome: "nothing", plan: shown, repaired, generation };
      if (!interaction.dryRun && staging !== undefined) await publish(staging, services);
      return { outcome: interaction.dryRun ? "dry-run" : "done", plan: shown, repaired, generation };
    };
    const repaired = repairedBy(resolved, state);
    const isComplete = wanted.packages.length === 0 && started.launchers.size === 0;
    if (isComplete && isSettled(resolved.plugins)) return await settle(plan, repaired);
    passPolicy(services, resolved, state);
    passLaunchers(services, plan);
    // Nobody is asked about what could not be used.
    passLoadCheck(services, resolved, state);
    if (interaction.dryRun) return { outcome: "dry-run", plan, repaired, generation };
    if (!(await confirmOnce(attempt, plan))) return { outcome: "declined", plan, repaired: [], generation };
    await passConsent(services, plan);
    const own = await withPackages(resolved.plugins, wanted, options);
    const { plugins, ...others } = await withLaunchers(own.plugins, started, resolved, options);
    const told = { ...plan, diagnostics: [...plan.diagnostics, ...own.findings, ...others.findings] };
    if (isSettled(plugins)) return await settle(told, [...new Set([...repaired, ...own.fetched, ...others.fetched])]);
    if (staging !== undefined) await publish(staging, services);
    const { renames } = desired;
    const next = await services.exclusively(() => {
      const next = { ...resolved, plugins };
      const committed = commitRoot({ services, state, resolved: next, files, verb, renames, consent: plan.consent });
      if (committed === "overtaken") return committed;
      brought.clear();
      const data = { renames, forgotten: forgottenIds(change, plan) };
      for (const remark of settleData(services.home, data, committed)) services.remark(remark);
      return committed;
    });
    return next === "overtaken" ? next : { outcome: "done", plan: told, repaired, generation: next.number };
  } finally {
    staging?.dispose();
    for (const name of brought) await catalogs.remove(name, () => cameInto(name, state, services.home));
    services.progress(undefined);
  }
}

/** Makes links for people right that an earlier change could not; looks without holding the home, since there rarely are any. */
async function restoreLinks({ home, exclusively, remark }: Services): Promise<void> {
  const { stray, missing } = wrongLinks(home, readCurrent(home));
  if (stray.length + missing.length === 0) return;
  for (const { message } of await exclusively(() => changeLinks(home, wrongLinks(home, readCurrent(home)))))
    remark(message);
}

function forgottenIds(change: Change, plan: Plan): readonly string[] {
  if (change.verb !== "remove" || change.keepData) return [];
  return plan.steps.filter((step) => step.action === "remove").map((step) => step.id);
}

/** Whether another process committed something since that holds a plugin of a marketplace: it needs what this one brought. */
function cameInto(market: string, { generation }: RootState, home: Home): boolean {
  const current = readCurrent(home);
  if (current === undefined || current.number === generation?.number) return false;
  return Object.values(current.roots).some(({ plugins }) => plugins.some(({ id }) => splitId(id).market === market));
}

async function publish(staging: Staging, services: Services): Promise<void> {
  services.progress("making it durable");
  await staging.publish();
}

async function withCatalogs(
  bundle: Bundle,
  state: RootState,
  catalogs: Catalogs,
  brought: Set<string>,
): Promise<PreparedBundle> {
  const prepared = prepareBundle(state, bundle);
  const notes = await bringCatalogs(bundle, prepared.lock, catalogs, brought);
  return { ...prepared, notes: [...notes, ...prepared.notes] };
}

async function desireWithMarkets(state: RootState, attempt: Attempt, brought: Set<string>): Promise<Desired> {
  const { change, catalogs, services, interaction } = attempt;
  if (change.verb === "rollback" || change.verb === "import")
    throw new CodedError("E_INTERNAL", `\`${change.verb}\` has no intent of its own`);
  const mayAdd = change.verb === "add" || change.verb === "update" || (change.verb === "sync" && !change.frozen);
  // What leaves the root need not be what this machine knows by its marketplace's name.
  if (change.verb !== "remove") checkMarketNames(state, wantedBy(state), catalogs);
  const asked =
    change.verb === "add" ? change.requests.flatMap((one) => (one.kind === "named" ? (one.market ?? []) : [])) : [];
  await passPlaces(state, { asked, addsMarkets: mayAdd, catalogs, store: new Store(services.home) }, attempt);
  const { dryRun } = interaction;
  const notes = mayAdd ? await bringMarkets(state, { asked, catalogs, services, brought, dryRun }) : [];
  const desired = await desire(state, change, catalogs, services);
  refuseSimilarIds(desired, state);
  const { problem } = state.shared.lock;
  const remarks = problem === undefined ? notes : [...notes, `${problem.message}; it is solved anew`];
  return { ...desired, notes: [...remarks, ...desired.notes] };
}

/** Plugins that stay as they are, whose trees were missing or damaged. */
function repairedBy({ inspected }: ResolvedRoot, { installed }: RootState): readonly string[] {
  return [...inspected.values()]
    .filter(({ id, tree, existed }) => !existed && installed.get(id)?.tree === tree)
    .map(({ id }) => id);
}

function isIdle(plan: Plan): boolean {
  return plan.steps.every((step) => step.action === "keep");
}

/** Whether this machine's set is exactly the one that was resolved; a root without a closure runs the empty one. */
function isRunning(plugins: RootClosure["plugins"], lockDigest: string, closure: RootClosure | undefined): boolean {
  if ((closure?.lockDigest ?? "") !== lockDigest) return false;
  return canonicalJson(closure?.plugins ?? []) === canonicalJson(plugins);
}

async function confirmOnce({ interaction, confirmed }: Attempt, plan: Plan): Promise<boolean> {
  const fingerprint = JSON.stringify([
    plan.steps.map(({ id, action, to, tree }) => [id, action, to, tree]),
    plan.consent,
  ]);
  if (confirmed.has(fingerprint)) return true;
  if (!(await interaction.confirm(plan))) return false;
  confirmed.add(fingerprint);
  return true;
}

/** Reads a root between two commits, after the interrupted one that there may be was brought to its end. */
async function settledRoot(
  { home, exclusively, signal }: Services,
  target: Target,
): Promise<{ readonly state: RootState; readonly recovered: readonly Diagnostic[] }> {
  const recovered: Diagnostic[] = [];
  for (;;) {
    signal.throwIfAborted();
    if (needsRecovery(home)) recovered.push(...(await exclusively(() => recover(home))));
    const number = currentNumber(home);
    const state = loadRoot(home, target);
    if (currentNumber(home) === number && !needsRecovery(home)) return { state, recovered };
  }
}
