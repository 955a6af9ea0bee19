import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitGeneration, type NextGeneration } from "../../../marketplace/generations/commit.ts";
import { writeJournal, type FileChange } from "../../../marketplace/generations/journal.ts";
import type { Home } from "../../../marketplace/home.ts";
import type { Generation, GenerationPlugin } from "../../../schemas/generation.ts";
import { writeGeneration } from "../../../schemas/generation-file.ts";
import type { Digest } from "../../../schemas/lockfile.ts";
import { digestOf } from "../../../schemas/tree-digest.ts";

/** A digest that stands for nothing. */
const DIGEST: Digest = `sha256-${"0".repeat(64)}`;

export function plugin(id: string, version = "1.0.0", tree: Digest = DIGEST): GenerationPlugin {
  return {
    id,
    version,
    tree,
    manifest: DIGEST,
    format: "claude-code",
    source: { kind: "directory", path: "/nowhere" },
    enabled: true,
    requested: true,
    scope: "user",
    disabledComponents: [],
    dependencies: {},
    consent: "",
    provides: {},
    tokens: 0,
    bytes: 0,
    installedAt: "2026-01-01T00:00:00.000Z",
  };
}

/** A generation whose user root holds the given plugins. */
export function next(verb: string, ...plugins: readonly GenerationPlugin[]): NextGeneration {
  const createdAt = "2026-01-01T00:00:00.000Z";
  return { createdAt, verb, root: "user", roots: { user: { lockDigest: "", plugins } }, audit: [] };
}

export function change(path: string, before: string | undefined, after: string | undefined): FileChange {
  return { path, before: before === undefined ? "absent" : digestOf(before), after };
}

/** Commits generations 1 to `count`, each with one plugin more. */
export function history(home: Home, count: number): readonly Generation[] {
  const plugins = Array.from({ length: count }, (_, index) => plugin(`p${index + 1}@m`));
  return plugins.map((_, index) =>
    commitGeneration(home, next(`add ${index + 1}`, ...plugins.slice(0, index + 1)), [], index),
  );
}

/** What a commit leaves that was killed: its journal, its generation file, and `current` if it came that far. */
export function interrupt(
  home: Home,
  number: number,
  files: readonly FileChange[],
  reached: "journal" | "generation" | "current",
): void {
  mkdirSync(home.generations, { recursive: true });
  writeFileSync(home.journal, writeJournal({ schema: 1, generation: number, files }));
  if (reached === "journal") return;
  const generation: Generation = { ...next("killed"), schema: 1, number, parent: number - 1 };
  writeFileSync(join(home.generations, `${number}.json`), writeGeneration(generation));
  if (reached === "generation") return;
  symlinkSync(`generations/${number}.json`, `${home.current}.made`);
  renameSync(`${home.current}.made`, home.current);
}

export function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
