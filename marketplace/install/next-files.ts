import type { RootFileName } from "../../schemas/generation.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import { writeLockfile } from "../../schemas/lockfile.ts";
import { type Intent, readIntent } from "../../schemas/plugins-json.ts";
import { editIntent, type IntentEdit } from "../../schemas/settings-edit.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import type { FileChange } from "../generations/journal.ts";
import { portableLock, portableSource } from "../lock/portable-paths.ts";
import type { LoadedFile } from "../lock/root-files.ts";
import type { RootTexts } from "./history.ts";
import type { ResolvedRoot } from "./resolve-root.ts";
import type { RootState } from "./root-state.ts";

/** What a commit writes into a root's files, and what they said before. */
export interface NextFiles {
  readonly changes: readonly FileChange[];
  readonly before: RootTexts;
  readonly after: RootTexts;
  /** Digest of the lock file afterwards; `""` when there is none. */
  readonly lockDigest: string;
  /** Those of the files afterwards that Plugsmith made. */
  readonly made: readonly RootFileName[];
}

/**
 * Computes the texts of a root's files; `kept` are past ones that replace them whole. Unchanged files are left alone, and an
 * intent that means again what one of the `earlier` texts means gets that text, to the byte.
 */
export function nextFiles(
  state: RootState,
  next: Pick<ResolvedRoot, "shared" | "local" | "lock">,
  kept: "frozen" | RootTexts | undefined,
  earlier: Iterable<string> = [],
): NextFiles {
  const { intent, lock: lockFile } = state.shared;
  const before: RootTexts = { intent: textOf(intent), lock: textOf(lockFile), local: textOf(state.local) };
  const { base, local } = state;
  const own = new Set(state.closure?.made);
  const after: RootTexts =
    kept === "frozen"
      ? before
      : (kept ?? {
          intent: asBefore(unlessEmpty(intentText(intent, next.shared, base), own.has("intent")), earlier, intent.path),
          lock: lockText(lockFile, portableLock(next.lock, base), own.has("lock")),
          local:
            local === undefined || next.local === undefined
              ? null
              : unlessEmpty(intentText(local, next.local, base), own.has("local")),
        });
  const changes = [
    ...change(intent, before.intent, after.intent),
    ...change(lockFile, before.lock, after.lock),
    ...(state.local === undefined ? [] : change(state.local, before.local, after.local)),
  ];
  const made = ROOT_FILES.filter((name) => after[name] !== null && (before[name] === null || own.has(name)));
  return { changes, before, after, lockDigest: after.lock === null ? "" : digestOf(after.lock), made };
}

function asBefore(text: string | null, earlier: Iterable<string>, path: string): string | null {
  if (text === null) return null;
  const meaning = JSON.stringify(readIntent(text, path));
  for (const one of earlier) if (JSON.stringify(readIntent(one, path)) === meaning) return one;
  return text;
}

const ROOT_FILES: readonly RootFileName[] = ["intent", "lock", "local"];

/** A file that Plugsmith made goes once it says nothing any more; one with a word of a person in it stays. */
function unlessEmpty(text: string | null, isOwn: boolean): string | null {
  return isOwn && text !== null && /^\{\s*"schema":\s*1\s*(?:,\s*"\w+":\s*\{\s*\}\s*)*\}\s*$/u.test(text) ? null : text;
}

function textOf(file: LoadedFile<unknown> | undefined): string | null {
  return file?.text ?? null;
}

function intentText(file: LoadedFile<Intent>, next: Intent, base: string): string | null {
  const isEmpty = Object.keys(next.plugins).length === 0 && Object.keys(next.marketplaces).length === 0;
  if (file.text === undefined && isEmpty) return null;
  const edits = intentEdits(file.value, next, base);
  return edits.length === 0 ? textOf(file) : editIntent(file.text, edits, file.path);
}

function lockText(file: LoadedFile<Lockfile>, next: Lockfile, isOwn: boolean): string | null {
  if ((file.text === undefined || isOwn) && Object.keys(next.plugins).length === 0) return null;
  return writeLockfile(next);
}

/** What makes one intent out of another; ids and names in the order in which `after` has them. */
function intentEdits(before: Intent, after: Intent, base: string): readonly IntentEdit[] {
  const edits: IntentEdit[] = [];
  for (const name of changedKeys(before.marketplaces, after.marketplaces)) {
    const source = after.marketplaces[name];
    edits.push({ kind: "marketplace", name, source: source && portableSource(source, base) });
  }
  for (const id of changedKeys(before.plugins, after.plugins))
    edits.push({ kind: "plugin", id, plugin: after.plugins[id] });
  for (const id of changedKeys(before.overrides, after.overrides)) {
    edits.push({ kind: "override", id, range: after.overrides[id] });
  }
  for (const id of changedKeys(before.disabledComponents, after.disabledComponents)) {
    edits.push({ kind: "disabled-components", id, components: after.disabledComponents[id] ?? [] });
  }
  return edits;
}

function changedKeys(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

function change(file: LoadedFile<unknown>, before: string | null, after: string | null): readonly FileChange[] {
  if (before === after) return [];
  return [{ path: file.path, before: file.digest, after: after ?? undefined }];
}
