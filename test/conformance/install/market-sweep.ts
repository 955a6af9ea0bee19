import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { refusePlaces } from "../../../cli/strange-places.ts";
import { compose, type Engine } from "../../../cli/compose.ts";
import { consentLines } from "../../../cli/print/consent-text.ts";
import { planLines } from "../../../cli/print/plan-text.ts";
import { marketplaceArgument } from "../../../cli/marketplace-argument.ts";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { collectGarbage } from "../../../marketplace/gc/collect.ts";
import { readCurrent } from "../../../marketplace/generations/generations.ts";
import { homeAt } from "../../../marketplace/home.ts";
import type { Change, ChangeReport } from "../../../marketplace/install/change.ts";
import type { Plan } from "../../../marketplace/plan/plan.ts";
import { Store } from "../../../marketplace/store/store.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { readPlugin } from "../../../schemas/formats/index.ts";
import { readLockfile, type Lockfile } from "../../../schemas/lockfile.ts";
import { dataFolderName } from "../../../schemas/names.ts";
import type { CatalogEntry } from "../../../schemas/plugin-manifest.ts";
import { fileDigests } from "../../support/file-digests.ts";
import type { CorpusMarket } from "./corpus-market.ts";
import type { Run } from "./transcript.ts";

/** An entry that was not installed, and what a person is told. */
export interface Refusal {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** What installing everything from one marketplace gave. */
export interface SweepResult {
  readonly installed: readonly string[];
  /** How many were removed again and left the home as it was. */
  readonly removed: number;
  readonly refused: readonly Refusal[];
  /** Defects of ours. */
  readonly failures: readonly string[];
  readonly lock: Lockfile | undefined;
  readonly ms: number;
}

/** What a sweep needs. */
export interface SweepOptions {
  readonly market: CorpusMarket;
  /** As a person would write it: a directory or a git URL. */
  readonly source: string;
  /** An empty home. */
  readonly home: string;
  /** Asks the real command whether everything would load: its exit code and what it prints. */
  readonly listCheck: () => Promise<Run>;
}

/**
 * Adds a marketplace, tries every relative entry by itself, installs in one change what was not refused, checks lock,
 * inventory, store and a second run, removes everything again, and compares the home with what it was before. Consent is given by the test.
 */
export async function sweepMarket({ market, source, home, listCheck }: SweepOptions): Promise<SweepResult> {
  const started = performance.now();
  const failures: string[] = [];
  const refused: Refusal[] = [];
  const accepted: string[] = [];
  const fail = (where: string, why: string): void => void failures.push(`${where}: ${why}`);
  const engine = await openEngine(home, (lines) => checkText("consent", lines, fail));
  const change = (what: Change, dryRun = false): Promise<ChangeReport> =>
    engine.change({ scope: "user" }, what, { dryRun, confirm: async () => true, allowPlaces: refusePlaces });
  const refusal = (id: string, error: unknown): void => {
    const known = isCodedError(error);
    if (!known || error.code === "E_INTERNAL")
      return fail(id, error instanceof Error ? String(error.stack) : String(error));
    if (error.hint === undefined) fail(id, `refused without a hint: ${error.message}`);
    checkText(id, error.message.split("\n"), fail);
    refused.push({ id, code: error.code, message: error.message, hint: error.hint });
  };
  let lock: Lockfile | undefined;
  let removed = 0;
  try {
    const added = engine.catalogs.add(marketplaceArgument(source, home));
    if (market.problem !== undefined) {
      await added.then(
        () => fail(market.name, `was added although its catalog is unreadable: ${market.problem ?? ""}`),
        (error: unknown) => refusal(market.name, error),
      );
      return { installed: [], removed, refused, failures, lock, ms: performance.now() - started };
    }
    await added;
    const before = fileDigests(home, counts);
    for (const entry of market.relative) {
      const id = `${entry.name}@${market.name}`;
      try {
        const { plan } = await change(addOf([id]), true);
        checkText(id, planLines(plan), fail);
        checkInventory(market, entry, plan, fail);
        checkConsent(id, plan, fail);
        accepted.push(id);
      } catch (error) {
        refusal(id, error);
      }
    }
    await installAll(accepted, change, refusal);
    if (accepted.length > 0) {
      lock = readLockfile(readFileSync(join(home, "plugins.lock"), "utf8"), "plugins.lock");
      for (const id of accepted) if (lock.plugins[id] === undefined) fail(id, "installed but not locked");
      checkStore(home, accepted, lock, fail);
      const again = await change(addOf(accepted));
      if (again.outcome !== "nothing") fail(market.name, `a second run is no no-op: ${again.outcome}`);
      const check = await listCheck();
      if (check.exit !== 0) fail(market.name, `list --check exits ${check.exit}: ${check.stdout}${check.stderr}`);
      for (const id of accepted) keepSomething(home, id);
      await change({ verb: "remove", ids: accepted, keepData: false });
      const left = readCurrent(homeAt(home))?.roots["user"]?.plugins ?? [];
      if (left.length > 0) fail(market.name, `after remove there are still ${left.map(({ id }) => id).join(", ")}`);
      await collectGarbage(engine.services, { keep: 1, dryRun: false });
      const after = fileDigests(home, counts);
      for (const path of new Set([...Object.keys(before), ...Object.keys(after)]))
        if (before[path] !== after[path]) fail(market.name, `after remove and gc \`${path}\` is not as it was before`);
      removed = accepted.length;
    }
  } catch (error) {
    refusal(market.name, error);
    fail(market.name, `the sweep stopped: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await engine.close();
  }
  return { installed: accepted, removed, refused, failures, lock, ms: performance.now() - started };
}

/**
 * What legitimately stays of plugins that were removed: the log, the last generation with what it did, what the person consented
 * to, and caches of downloads and compiled code. The index is left empty.
 */
const STAYS =
  /^(?:audit|cache\/(?:git|npm|compile))\/|^state\/(?:current|generations\/\d+(?:\.texts)?\.json|lock-stamps\.json|consent\.json|mutex\.sqlite.*)$|^marketplaces\/|^store\/index$/u;

/** Marketplaces are refreshed by installing. */
function counts(path: string): boolean {
  return !STAYS.test(path);
}

/** Stands for what a plugin wrote while it ran. */
function keepSomething(home: string, id: string): void {
  const folder = join(homeAt(home).data, dataFolderName(id));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "state"), id);
}

function addOf(ids: readonly string[]): Change {
  return {
    verb: "add",
    requests: ids.map((id) => {
      const at = id.lastIndexOf("@");
      return { kind: "named", name: id.slice(0, at), market: id.slice(at + 1) };
    }),
  };
}

/** Installs in one change; what only the load check refuses is taken out of `ids` and reported. */
async function installAll(
  ids: string[],
  change: (what: Change) => Promise<ChangeReport>,
  refusal: (id: string, error: unknown) => void,
): Promise<void> {
  while (ids.length > 0) {
    try {
      await change(addOf(ids));
      return;
    } catch (error) {
      const culprit = isCodedError(error) ? error.data["id"] : undefined;
      const at = typeof culprit === "string" ? ids.indexOf(culprit) : -1;
      if (at < 0) throw error;
      refusal(ids[at] ?? "", error);
      ids.splice(at, 1);
    }
  }
}

function openEngine(home: string, onConsent: (lines: readonly string[]) => void): Promise<Engine> {
  return compose({
    home: homeAt(home),
    environment: { PATH: process.env["PATH"], HOME: home },
    offline: false,
    signal: new AbortController().signal,
    progress: () => undefined,
    remark: () => undefined,
    now: () => new Date(),
    person: {
      interactive: true,
      accepted: [],
      command: "plugin add",
      detail: "short",
      show: (items) => onConsent(consentLines(items, { detail: "short", command: "plugin add" })),
      ask: async () => true,
    },
  });
}

type Fail = (where: string, why: string) => void;

/** What a person reads must hold no control characters of a plugin's author. */
function checkText(where: string, lines: readonly string[], fail: Fail): void {
  const bad = lines.find((line) =>
    /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(stripVTControlCharacters(line)),
  );
  if (bad !== undefined) fail(where, `prints control characters: ${JSON.stringify(bad)}`);
}

/** What the plan promises must be what reading the same folder says. */
function checkInventory(market: CorpusMarket, entry: CatalogEntry, plan: Plan, fail: Fail): void {
  const path = entry.source.kind === "relative" ? entry.source.path : "";
  const id = `${entry.name}@${market.name}`;
  const { manifest } = readPlugin(openDirectoryTree(join(market.directory, path)), {
    entry,
    rootIsMarketplace: path === "",
    fallbackName: entry.name,
  });
  const provides: Record<string, number> = {};
  for (const { kind } of manifest?.contributions ?? []) provides[kind] = (provides[kind] ?? 0) + 1;
  const step = plan.steps.find((one) => one.id === id);
  if (JSON.stringify(sorted(step?.provides ?? {})) !== JSON.stringify(sorted(provides)))
    fail(id, `the plan promises ${JSON.stringify(step?.provides)}, the folder holds ${JSON.stringify(provides)}`);
}

/** Whoever can execute anything is asked about, and whoever is asked about sees what it is. */
function checkConsent(id: string, plan: Plan, fail: Fail): void {
  const executing = new Set(plan.executables.map((executable) => executable.id));
  const asked = new Map(plan.consent.map((item) => [item.id, item.executables]));
  for (const one of executing) if (!asked.has(one)) fail(id, `\`${one}\` can execute and nobody is asked`);
  for (const [one, shown] of asked) if (shown.length === 0) fail(id, `consent to \`${one}\` shows nothing`);
}

function sorted(counts: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  return Object.entries(counts).sort(([left], [right]) => (left < right ? -1 : 1));
}

function checkStore(home: string, ids: readonly string[], lock: Lockfile, fail: Fail): void {
  const plugins = readCurrent(homeAt(home))?.roots["user"]?.plugins ?? [];
  for (const id of ids) {
    const installed = plugins.find((plugin) => plugin.id === id);
    if (installed === undefined) fail(id, "reported as installed but not in the generation");
    else if (installed.tree !== lock.plugins[id]?.tree) fail(id, "lock and generation name different trees");
  }
  const store = new Store(homeAt(home));
  if (plugins.length === 0) fail("verify", "looked at nothing");
  for (const { id, tree } of plugins) for (const { message } of store.verify(tree).problems) fail(id, message);
}
