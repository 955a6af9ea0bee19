import { CodedError, type ErrorCode } from "../../schemas/errors.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { GraphNode } from "../plan/graph.ts";
import type { Services } from "../services.ts";
import { type Cause, type Explanation, type Requirement, solve, type SolveMode } from "../solve/index.ts";
import type { PluginSources } from "../sources/offer.ts";
import { checkCrossings } from "./crossings.ts";
import { disagreement } from "./lock-agreement.ts";
import { PluginVersions } from "./plugin-versions.ts";
import type { Selected, Selection } from "./selected.ts";

/** What `select` needs beside the services. */
export interface SelectOptions {
  readonly services: Services;
  readonly catalogs: Catalogs;
  readonly sources: PluginSources;
  readonly intent: Intent;
  readonly intentFile: string;
  readonly base: string;
  readonly lock: Lockfile;
  readonly lockFile: string;
  /** Ids whose lock is not binding. */
  readonly unlocked: ReadonlySet<string>;
  /** Ids that the person named just now; they stand in no file yet. */
  readonly asked: ReadonlySet<string>;
  /** Requirements beside those of the intent, e.g. the project's set under private picks. */
  readonly fixed: ReadonlyMap<string, string>;
  readonly mode: SolveMode;
  /** What this machine runs in the root. */
  readonly running: ReadonlyMap<string, GraphNode>;
}

/**
 * Solves one intent. Locked versions are first taken as the only ones, so that nothing that is already
 * locked has to be listed; only when that has no answer is the whole world looked at.
 * Throws `E_UNSATISFIABLE` (with the explanation in `data`), or `E_SOURCE_BLOCKED` or `E_SOURCE_REPLACED` when policy or a source that
 * is held is part of every way out.
 */
export async function select(options: SelectOptions): Promise<Selection> {
  const whole = await lockAnswers(options);
  if (whole !== undefined) return whole;
  const free = options.unlocked;
  const locked = Object.keys(options.lock.plugins);
  const pinnable = locked.filter((id) => !free.has(id));
  if (pinnable.length > 0) {
    const pins = new Set(pinnable);
    const attempt = await attemptSolve(options, (id) => pins.has(id));
    if (attempt.kind === "solution") return attempt.selection;
  }
  const attempt = await attemptSolve(options, () => false);
  if (attempt.kind === "solution") return attempt.selection;
  throw refusal(options, unsatisfiable(attempt.explanation));
}

/** What policy refuses is in the record. */
function refusal({ services, asked }: SelectOptions, error: CodedError): CodedError {
  const detail = { reason: error.message };
  if (error.code === "E_SOURCE_BLOCKED")
    services.audit.append({ action: "resolve", subject: [...asked].join(" "), outcome: "denied", detail });
  return error;
}

type Attempt =
  | { readonly kind: "solution"; readonly selection: Selection }
  | { readonly kind: "unsatisfiable"; readonly explanation: Explanation };

async function attemptSolve(options: SelectOptions, pinned: (id: string) => boolean): Promise<Attempt> {
  const bound = (id: string): boolean => !options.unlocked.has(id);
  const versions = await PluginVersions.open({ ...options, pinned, bound });
  const outcome = await solve(
    {
      root: rootRequirements(options),
      locked: lockedVersions(options),
      installed: versions.preferred,
      mode: options.mode,
      starAdmitsAll: true,
      overrides: new Map(Object.entries(options.intent.overrides)),
      signal: options.services.signal,
    },
    versions,
  );
  if (outcome.kind === "unsatisfiable") return outcome;
  const plugins = new Map<string, Selected>();
  for (const id of [...outcome.versions.keys()].sort()) {
    const version = outcome.versions.get(id) ?? "";
    const locked = options.lock.plugins[id];
    const choice = versions.choice(id, version);
    if (locked?.version === version && (bound(id) || choice === undefined))
      plugins.set(id, { kind: "locked", id, version, locked });
    else if (choice !== undefined)
      plugins.set(id, { kind: "chosen", id, version, choice, dependencies: versions.dependencies(id, version) });
  }
  await checkCrossings(options.intent, plugins, options.catalogs);
  return { kind: "solution", selection: { plugins, cycles: outcome.cycles } };
}

function rootRequirements(options: SelectOptions): readonly Requirement[] {
  const wanted = Object.entries(options.intent.plugins).map(([id, plugin]) => ({
    id,
    range: plugin.range,
    ...(options.asked.has(id) ? {} : { where: { file: options.intentFile } }),
  }));
  const fixed = [...options.fixed].map(([id, version]) => ({ id, range: version, where: { file: options.lockFile } }));
  return [...wanted, ...fixed];
}

function lockedVersions(options: SelectOptions): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const [id, plugin] of Object.entries(options.lock.plugins)) {
    if (!options.unlocked.has(id)) versions.set(id, plugin.version);
  }
  return versions;
}

/** The lock itself as the answer, when it holds exactly what the intent reaches and nothing is unlocked. */
async function lockAnswers(options: SelectOptions): Promise<Selection | undefined> {
  const { intent, lock } = options;
  if (options.unlocked.size > 0 || options.fixed.size > 0) return undefined;
  if (disagreement(intent, lock, options.base) !== undefined) return undefined;
  const plugins = new Map<string, Selected>();
  for (const id of Object.keys(lock.plugins).sort()) {
    const locked = lock.plugins[id];
    if (locked !== undefined) plugins.set(id, { kind: "locked", id, version: locked.version, locked });
  }
  await checkCrossings(intent, plugins, options.catalogs, options.running);
  return { plugins, cycles: [] };
}

function unsatisfiable(explanation: Explanation): CodedError {
  const { causes, lines, remedies } = explanation;
  const last = lines.at(-1)?.text ?? "no set of versions satisfies every requirement";
  return new CodedError(codeOf(causes), last, {
    hint: causes.find((cause) => cause.hint !== undefined)?.hint ?? remedies[0]?.text,
    data: { explanation, lines: lines.map((line) => line.text) },
  });
}

/** Codes of a source that could not be asked, which says nothing about whether a set of versions exists. */
const UNREACHED: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode | undefined>([
  "E_AUTH",
  "E_GIT",
  "E_GIT_MISSING",
  "E_LIMIT_GIT",
  "E_NETWORK",
  "E_OFFLINE",
  "E_TIMEOUT",
]);

/** Refusal outranks malformed input, and that an honest "no" (DESIGN §7: 3 before 4 before 1). */
function codeOf(causes: readonly Cause[]): ErrorCode {
  if (causes.some((cause) => cause.kind === "policy")) return "E_SOURCE_BLOCKED";
  if (causes.some(({ code }) => code === "E_SOURCE_REPLACED")) return "E_SOURCE_REPLACED";
  const [first] = causes;
  if (first?.code !== undefined && causes.every(({ kind, code }) => kind === "source" && UNREACHED.has(code)))
    return first.code;
  return causes.length > 0 && causes.every((cause) => cause.kind === "invalid-range") ? "E_RANGE" : "E_UNSATISFIABLE";
}
