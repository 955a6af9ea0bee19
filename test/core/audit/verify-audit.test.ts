import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAudit, pruneAudit, verifyAudit, type OutsideAnchor } from "../../../core/audit/index.ts";
import { genesisHash, renderLine } from "../../../core/audit/record-line.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const DAY_MS = 86_400_000;
const at = (day: number): Date => new Date(Date.UTC(2026, 2, day, 12));

/** A log of one process a day, some of which made a generation. */
class Days {
  readonly home: TemporaryHome;
  readonly generations: OutsideAnchor[] = [];

  constructor(home: TemporaryHome) {
    this.home = home;
  }

  get directory(): string {
    return this.home.path("audit");
  }

  /** The path of the segment of a day. */
  file(day: number): string {
    const stamp = at(day).toISOString().replaceAll(/[-:]/gu, "");
    const name = readdirSync(this.directory).find((one) => one.startsWith(stamp));
    return this.home.path("audit", name ?? "none");
  }

  /** Three records, then a generation or not, then two more. */
  run(day: number, commits = false): this {
    const log = openAudit(this.directory, () => at(day), { anchored: () => this.generations.at(-1)?.audit ?? [] });
    const append = (subject: string): void => log.append({ action: "install", subject, outcome: "done" });
    for (const subject of ["a@m", "b@m", "c@m"]) append(subject);
    if (commits) this.generations.push({ by: `generation ${String(this.generations.length + 1)}`, audit: log.heads() });
    for (const subject of ["d@m", "e@m"]) append(subject);
    log.seal();
    return this;
  }

  errors(generations: readonly OutsideAnchor[] = this.generations): readonly string[] {
    return verifyAudit(this.directory, generations).diagnostics.map(
      ({ code, message, file }) => `${code} ${file?.slice(6, 8) ?? ""} ${message}`,
    );
  }
}

function edit(file: string, change: (lines: string[]) => readonly string[]): void {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const text = change(lines).map((line) => `${line}\n`);
  writeFileSync(file, text.join(""));
}

/** The same records with another subject, in a chain that holds. */
function rewrite(file: string): void {
  let previous = genesisHash(file.slice(file.lastIndexOf("/") + 1));
  edit(file, (lines) =>
    lines.map((text) => {
      const { hash: _hash, previous: _previous, sequence, at: when, ...record } = JSON.parse(text);
      const subject = record.subject === "b@m" ? "x@m" : record.subject;
      const { line, hash } = renderLine({ sequence, at: when, previous, record: { ...record, subject } });
      previous = hash;
      return line.trimEnd();
    }),
  );
}

const swapped = ([a = "", b = "", c = "", ...rest]: readonly string[]) => [a, c, b, ...rest];

/** Days 1 and 2 made no generation, day 3 made one, day 4 did not. */
const TAMPERING = [
  {
    name: "a changed record",
    on: 1,
    how: (file: string) => edit(file, (all) => all.map((line) => line.replace("b@m", "x@m"))),
    says: "was edited",
  },
  {
    name: "a record of which only the hash was changed",
    on: 4,
    how: (file: string) =>
      edit(file, (all) => all.with(1, (all[1] ?? "").replace(/"hash":"....../u, '"hash":"000000'))),
    says: "was edited",
  },
  {
    name: "a removed record",
    on: 1,
    how: (file: string) => edit(file, (all) => all.toSpliced(1, 1)),
    says: "record 2 is missing",
  },
  {
    name: "a removed first record",
    on: 4,
    how: (file: string) => edit(file, (all) => all.slice(1)),
    says: "record 1 is missing",
  },
  {
    name: "a gap",
    on: 4,
    how: (file: string) => edit(file, (all) => all.toSpliced(1, 3)),
    says: "records 2 to 4 are missing",
  },
  { name: "records in another order", on: 4, how: (file: string) => edit(file, swapped), says: "record 2 is missing" },
  {
    name: "a record that stands twice",
    on: 4,
    how: (file: string) => edit(file, (all) => all.toSpliced(1, 0, all[1] ?? "")),
    says: "record 2 stands after record 2",
  },
  {
    name: "a record after the seal",
    on: 4,
    how: (file: string) =>
      appendFileSync(
        file,
        renderLine({
          sequence: 7,
          at: "t",
          previous: JSON.parse(readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "").hash,
          record: { action: "a", subject: "s", outcome: "done" },
        }).line,
      ),
    says: "follows the seal",
  },
  {
    name: "a line that is no record",
    on: 4,
    how: (file: string) => edit(file, (all) => all.toSpliced(2, 0, '{"sequence":3}')),
    says: "is no audit record",
  },
  {
    name: "a renamed segment",
    on: 4,
    how: (file: string) => renameSync(file, file.replace("20260304T12", "20260304T13")),
    says: "does not follow",
  },
  {
    name: "a tail that was cut before the last anchored head",
    on: 1,
    how: (file: string) => edit(file, (all) => all.slice(0, 4)),
    says: "cut off or written anew",
  },
  {
    name: "a tail that was cut before the anchor itself",
    on: 3,
    how: (file: string) => edit(file, (all) => all.slice(0, 3)),
    says: "cut off or written anew",
  },
  {
    name: "a segment that was written anew before the anchored head",
    on: 2,
    how: rewrite,
    says: "cut off or written anew",
  },
  { name: "an anchor that was written anew", on: 3, how: rewrite, says: "cut off or written anew" },
  { name: "a removed segment", on: 2, how: (file: string) => rmSync(file), says: "the segment is gone" },
  {
    name: "the removed segment of the anchor",
    on: 3,
    how: (file: string) => rmSync(file),
    says: "the segment is gone",
  },
  {
    name: "an emptied segment",
    on: 1,
    how: (file: string) => writeFileSync(file, ""),
    says: "cut off or written anew",
  },
] as const;

describe("the verification of the audit log", () => {
  it.each(TAMPERING)("notices $name", ({ on, how, says }) => {
    using home = temporaryHome();
    const log = new Days(home).run(1).run(2).run(3, true).run(4);
    expect(log.errors()).toEqual([]);
    how(log.file(on));
    expect(log.errors().filter((line) => line.startsWith("E_INTEGRITY"))).toContainEqual(expect.stringContaining(says));
  });

  it("cannot notice what was cut or written anew after the last anchor, and says how much that is", () => {
    using home = temporaryHome();
    const log = new Days(home).run(1).run(2, true).run(3);
    // Two records and the seal of the second day, all six of the third.
    expect(verifyAudit(log.directory, log.generations)).toMatchObject({ segments: 3, records: 19, unanchored: 9 });
    rewrite(log.file(3));
    expect(log.errors()).toEqual([]);
    rmSync(log.file(3));
    expect(log.errors()).toEqual([]);
  });

  it("holds the whole log against the newest generation alone, through the anchors in it", () => {
    using home = temporaryHome();
    const log = new Days(home);
    for (let day = 1; day <= 30; day += 1) log.run(day, day % 14 === 0 || day === 1);
    const newest = log.generations.slice(-1);
    expect(newest[0]?.audit).toHaveLength(1);
    expect(log.errors(newest)).toEqual([]);
    for (const day of [1, 5, 14, 20, 28]) {
      const text = readFileSync(log.file(day), "utf8");
      rewrite(log.file(day));
      expect(log.errors(newest)).toContainEqual(expect.stringMatching(/cut off or written anew/u));
      writeFileSync(log.file(day), text);
    }
  });

  it("anchors what a process appends after others were made, however many there are in between", () => {
    using home = temporaryHome();
    const log = new Days(home).run(1, true);
    const long = openAudit(log.directory, () => at(2));
    long.append({ action: "process start", subject: "a@m", outcome: "allowed" });
    log.run(3, true);
    for (let day = 4; day <= 16; day += 1) log.run(day);
    long.append({ action: "process start", subject: "b@m", outcome: "allowed" });
    log.run(17, true);
    edit(log.file(2), (all) => all.slice(0, 1));
    expect(log.errors()).toContainEqual(expect.stringContaining("cut off or written anew"));
    long.seal();
  });

  it("reads what generations held before anchors named segments", () => {
    using home = temporaryHome();
    const log = new Days(home).run(1);
    const hash: string = JSON.parse(readFileSync(log.file(1), "utf8").split("\n")[2] ?? "").hash;
    const old = [{ by: "generation 1", audit: [hash] }];
    expect(log.errors(old)).toEqual([]);
    rmSync(log.file(1));
    expect(log.errors(old)).toEqual([expect.stringContaining("which generation 1 names, is gone")]);
  });
});

describe("old segments", () => {
  const pruned = (log: Days, before: Date, problems = 0) =>
    pruneAudit(log.directory, { before, problems, log: openAudit(log.directory, () => at(40)) });

  it("go on the record, and the log verifies as before", () => {
    using home = temporaryHome();
    const log = new Days(home);
    for (let day = 1; day <= 12; day += 1) log.run(day, day % 3 === 0);
    const dry = pruneAudit(log.directory, { before: at(8), problems: 0 });
    expect(pruned(log, at(8))).toEqual(dry);
    expect(dry).toMatchObject({ segments: 7, kept: [] });
    expect(log.errors()).toEqual([]);
    expect(verifyAudit(log.directory, log.generations).prunings).toMatchObject([{ segments: 7, anchored: false }]);
    log.run(41, true);
    expect(verifyAudit(log.directory, log.generations).prunings).toMatchObject([{ segments: 7, anchored: true }]);
    expect(pruned(log, at(8))).toMatchObject({ segments: 0 });
    expect(pruned(log, new Date(at(12).getTime() + DAY_MS))).toMatchObject({ segments: 5 });
    expect(log.errors()).toEqual([]);
    rmSync(log.file(41));
    expect(log.errors()).toContainEqual(expect.stringContaining("the segment is gone"));
  });

  it("of processes that run, and what ended later, stay", () => {
    using home = temporaryHome();
    const log = new Days(home).run(1);
    let now = at(2);
    const [running, later] = [openAudit(log.directory, () => now), openAudit(log.directory, () => now)];
    for (const one of [running, later]) one.append({ action: "a", subject: "s", outcome: "done" });
    now = at(5);
    later.seal();
    expect(pruned(log, at(4))).toMatchObject({ segments: 1, kept: [expect.anything(), expect.anything()] });
    now = at(3);
    running.seal();
    expect(pruned(log, at(4))).toMatchObject({ segments: 1, kept: [expect.anything()] });
  });

  it("that are gone can be accepted, and the record of it says so", () => {
    using home = temporaryHome();
    const log = new Days(home).run(1).run(2).run(3, true);
    rmSync(log.file(1));
    expect(log.errors()).toHaveLength(1);
    expect(pruned(log, at(2), 1)).toMatchObject({ segments: 0 });
    expect(log.errors()).toEqual([]);
    expect(verifyAudit(log.directory, log.generations).prunings).toMatchObject([{ segments: 0, problems: 1 }]);
  });
});
