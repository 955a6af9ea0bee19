import { isDeepStrictEqual } from "node:util";
import { readManagedFiles, type ManagedFile } from "../platform/managed-files.ts";
import { managedJson } from "./managed-json.ts";
import type { Decide, PolicyDocument } from "../../schemas/policy.ts";

/** The managed policy of this machine. */
export interface Policy {
  readonly documents: readonly PolicyDocument[];
  /** The one function that every step asks. */
  readonly decide: Decide;
}

/**
 * Reads the managed policy from its fixed places; without any, everything is allowed and no reader is loaded.
 * A file that cannot be read, or that anybody but the administrator could have written, blocks everything (attacks.md
 * PB25); what is wrong with a file stands in the diagnostics of its document.
 */
export async function loadPolicy(files: readonly ManagedFile[] = readManagedFiles()): Promise<Policy> {
  if (files.length === 0) return { documents: [], decide: () => ({ allowed: true }) };
  const { closedDocument, readPolicy } = await import("../../schemas/policy.ts");
  const { makeDecide } = await import("../../schemas/policy-decision.ts");
  const read = (file: ManagedFile): PolicyDocument =>
    file.trusted ? readPolicy(() => managedJson(file), file.file) : closedDocument(file.file, undefined, file.reason);
  const documents = files.map(read);
  return { documents, decide: makeDecide(documents) };
}

/** A policy that follows its files while a host runs; whoever holds it always asks the newest. */
export interface LivePolicy extends Policy {
  /** As they were read last. */
  readonly files: readonly ManagedFile[];
  /** Reads the files again; resolves with those that changed, came or went. Costs as much as reading them. */
  refresh(): Promise<readonly string[]>;
}

/** Opens the policy of a host that goes on running; `read` gives its files, default those of this machine. */
export async function openPolicy(read: () => readonly ManagedFile[] = readManagedFiles): Promise<LivePolicy> {
  let files = read();
  let present = await loadPolicy(files);
  return {
    get files() {
      return files;
    },
    get documents() {
      return present.documents;
    },
    decide: (subject, action) => present.decide(subject, action),
    refresh: async () => {
      const now = read();
      const changed = changedFiles(files, now);
      if (changed.length === 0) return changed;
      files = now;
      present = await loadPolicy(now);
      return changed;
    },
  };
}

function changedFiles(before: readonly ManagedFile[], now: readonly ManagedFile[]): readonly string[] {
  const paths = new Set([...before, ...now].map(({ file }) => file));
  const of = (files: readonly ManagedFile[], path: string): readonly ManagedFile[] =>
    files.filter(({ file }) => file === path);
  return [...paths].filter((path) => !isDeepStrictEqual(of(before, path), of(now, path)));
}
