import { isCodedError } from "../../schemas/errors.ts";
import type { Generation, RootClosure } from "../../schemas/generation.ts";
import { commitGeneration } from "../generations/commit.ts";
import { fileDigest } from "../generations/file-changes.ts";
import { newestNumber, readCurrent } from "../generations/generations.ts";
import { currentNumber } from "../generations/state-files.ts";
import { rememberLock } from "../lock/lock-stamps.ts";
import type { ConsentItem } from "../plan/plan.ts";
import type { Services } from "../services.ts";
import { keepTexts } from "./history.ts";
import type { NextFiles } from "./next-files.ts";
import type { ResolvedRoot } from "./resolve-root.ts";
import type { RootState } from "./root-state.ts";

/** What a commit is made of. */
export interface RootCommit {
  readonly services: Services;
  readonly state: RootState;
  readonly resolved: ResolvedRoot;
  readonly files: NextFiles;
  readonly verb: string;
  /** Old id → new id of plugins that are renamed. */
  readonly renames: ReadonlyMap<string, string>;
  /** What the person has said yes to. */
  readonly consent: readonly ConsentItem[];
}

/**
 * Makes a resolved root the current one. The caller holds the home's mutex.
 * Answers `overtaken` when another process changed this root, or a person its files, since they were read.
 */
export function commitRoot({
  services,
  state,
  resolved,
  files,
  verb,
  renames,
  consent,
}: RootCommit): Generation | "overtaken" {
  const { home } = services;
  const isSame = state.generation !== undefined && currentNumber(home) === state.generation.number;
  const current = isSame ? state.generation : readCurrent(home);
  if (current?.number !== state.generation?.number && !isUntouched(current?.roots[state.key], state.closure))
    return "overtaken";
  const number = newestNumber(home) + 1;
  const { before, after, lockDigest, made } = files;
  const closure: RootClosure = { lockDigest, plugins: resolved.plugins, ...(made.length > 0 && { made }) };
  keepTexts(home, number, { before, after, ...(renames.size === 0 ? {} : { renames: Object.fromEntries(renames) }) });
  // Before the commit: a set that runs without its consent on record would be asked about again.
  services.consent.record(consent);
  services.audit.append({
    action: "commit",
    subject: verb,
    outcome: "allowed",
    detail: {
      generation: number,
      root: state.key,
      plugins: resolved.plugins.map(({ id, version, tree }) => `${id} ${version} ${tree}`),
    },
  });
  try {
    const next = commitGeneration(
      home,
      {
        createdAt: services.now().toISOString(),
        verb,
        root: state.key,
        roots: { ...current?.roots, [state.key]: closure },
        audit: services.audit.heads(),
      },
      files.changes,
      current?.number ?? 0,
      ({ message, hint }) => services.remark(hint === undefined ? message : `${message}; ${hint}`),
    );
    const { path } = state.shared.lock;
    if (fileDigest(path) === closure.lockDigest) rememberLock(home, state.key, path);
    return next;
  } catch (error) {
    services.audit.append({ action: "commit", subject: verb, outcome: "failed", detail: { generation: number } });
    if (isCodedError(error) && error.code === "E_STALE") return "overtaken";
    throw error;
  }
}

function isUntouched(now: RootClosure | undefined, then: RootClosure | undefined): boolean {
  return JSON.stringify(now) === JSON.stringify(then);
}
