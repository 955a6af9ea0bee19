import { randomBytes } from "node:crypto";
import { copyFileSync, linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { treesOf, type RootClosure } from "../../schemas/generation.ts";
import { writeGeneration } from "../../schemas/generation-file.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import { fileDigest } from "../generations/file-changes.ts";
import { type Home, homeAt } from "../home.ts";
import { readTreeMembers, removeTree } from "../store/disk-tree.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { ownMark } from "../store/process-mark.ts";
import { Store } from "../store/store.ts";
import type { TrialState } from "./states.ts";

/** Files of a home's own that say how its plugins run. */
const KEPT = ["settings.json", "state/consent.json", "state/trust.json"] as const;

/**
 * Homes that live for one try each, over one store with hard links to the trees of a real home. They lie where that home stages new
 * trees: what a killed process leaves of them, the next one sweeps. The caller disposes them.
 */
export class TrialHomes {
  readonly #home: Home;
  readonly #real: Store;
  readonly #directory: string;
  /** Holds the store of all of them. */
  readonly #base: Home;
  #count = 0;

  constructor(home: Home) {
    this.#home = home;
    this.#real = new Store(home);
    this.#real.sweep();
    this.#directory = join(home.staging, `${ownMark()}-bisect-${randomBytes(4).toString("hex")}`);
    this.#base = homeAt(join(this.#directory, "base"));
    attempt("create", this.#directory, () => {
      mkdirSync(home.staging, { recursive: true, mode: 0o700 });
      mkdirSync(this.#base.trees, { recursive: true, mode: 0o700 });
      copyIfPresent(home.index, this.#base.index);
    });
  }

  /** The store that all of them share; what is published into it is gone with them. */
  get store(): Store {
    return new Store(this.#base);
  }

  /** A fresh home that runs a state. Throws `E_NOT_FOUND` when trees of it are not there any more. */
  homeFor({ roots, label }: TrialState, now: Date): Home {
    this.#count += 1;
    const home = homeAt(join(this.#directory, `home-${this.#count}`));
    for (const { plugins } of Object.values(roots)) {
      for (const plugin of plugins) for (const tree of treesOf(plugin)) this.#link(tree, label);
    }
    attempt("create", home.directory, () => {
      mkdirSync(home.generations, { recursive: true, mode: 0o700 });
      symlinkSync(this.#base.store, home.store);
      for (const file of KEPT) copyIfPresent(join(this.#home.directory, file), join(home.directory, file));
      const generation = { schema: 1, number: 1, parent: 0, createdAt: now.toISOString(), audit: [] } as const;
      const text = writeGeneration({ ...generation, verb: `bisect ${label}`, root: "user", roots: withLocks(roots) });
      writeFileSync(join(home.generations, "1.json"), text);
      symlinkSync("generations/1.json", home.current);
    });
    return home;
  }

  /** Removes one of them, so that only the last state lies on the disk. */
  drop(home: Home): void {
    removeTree(home.directory);
  }

  dispose(): void {
    removeTree(this.#directory);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #link(tree: Digest, label: string): void {
    if (this.store.has(tree)) return;
    if (!this.#real.has(tree))
      throw new CodedError("E_NOT_FOUND", `the files of ${label} are not in the store any more`, {
        hint: "take a later one for `--good`",
      });
    const [from, to] = [this.#real.directory(tree), join(this.#base.trees, `.${tree}`)];
    attempt("link the files of a plugin to", to, () => {
      removeTree(to);
      mkdirSync(to);
      for (const member of readTreeMembers(from).members) {
        mkdirSync(dirname(join(to, member.path)), { recursive: true });
        if (member.kind === "link") symlinkSync(member.target, join(to, member.path));
        else linkSync(join(from, member.path), join(to, member.path));
      }
    });
    attempt("name", to, () => renameSync(to, join(this.#base.trees, tree)));
  }
}

/** A project's own files stay as they are, so its set has to be taken for the one of the lock that lies there now. */
function withLocks(roots: TrialState["roots"]): Readonly<Record<string, RootClosure>> {
  const lockOf = (root: string): string => {
    const digest = root === "user" ? "absent" : fileDigest(join(root, "plugins.lock"));
    return digest === "absent" ? "" : digest;
  };
  return Object.fromEntries(
    Object.entries(roots).map(([root, closure]) => [root, { ...closure, lockDigest: lockOf(root) }]),
  );
}

function copyIfPresent(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(from, to);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
}

function attempt(what: string, path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw ioError(what, path, error);
  }
}
