import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../home.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { isAlive, ownMark, splitMark } from "../store/process-mark.ts";
import { removeIfPresent } from "./state-files.ts";

/** A session that runs a generation. */
export interface Lease {
  readonly generation: number;
  readonly pid: number;
}

/** Keeps a generation and its trees for this process until it is disposed; disposing again does nothing. */
export class HeldLease {
  readonly generation: number;
  readonly #file: string;

  constructor(generation: number, file: string) {
    this.generation = generation;
    this.#file = file;
  }

  dispose(): void {
    removeIfPresent(this.#file);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Takes a lease on a generation. It ends when it is disposed or its process does, however that happens; no clock is involved.
 * A caller that read `current` before it held the lease reads it again afterwards, since a newer one may have come.
 */
export function takeLease(home: Home, generation: number): HeldLease {
  const file = join(home.leases, `${ownMark()}-${generation}-${randomBytes(4).toString("hex")}`);
  try {
    mkdirSync(home.leases, { recursive: true, mode: 0o700 });
    writeFileSync(file, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw ioError("take the lease", file, error);
  }
  return new HeldLease(generation, file);
}

/** The leases of living processes, by generation. */
export function liveLeases(home: Home): readonly Lease[] {
  const leases = leaseNames(home).flatMap((name): readonly Lease[] => {
    const { mark, rest } = splitMark(name) ?? { mark: "", rest: "" };
    const generation = Number(/^(\d+)-[0-9a-f]+$/.exec(rest)?.[1]);
    if (Number.isNaN(generation) || !isAlive(mark)) return [];
    return [{ generation, pid: Number.parseInt(mark, 10) }];
  });
  return leases.sort((left, right) => left.generation - right.generation || left.pid - right.pid);
}

/** What processes that are gone have left among the leases: absolute paths. */
export function deadLeases(home: Home): readonly string[] {
  return leaseNames(home)
    .filter((name) => {
      const mark = splitMark(name)?.mark;
      return mark !== undefined && !isAlive(mark);
    })
    .map((name) => join(home.leases, name));
}

function leaseNames(home: Home): readonly string[] {
  try {
    return readdirSync(home.leases);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw ioError("list", home.leases, error);
  }
}
