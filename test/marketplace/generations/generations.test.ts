import {
  copyFileSync,
  existsSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitGeneration } from "../../../marketplace/generations/commit.ts";
import { listGenerations, readCurrent, readGenerationNumber } from "../../../marketplace/generations/generations.ts";
import type { Home } from "../../../marketplace/home.ts";
import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import { Scratch } from "../store/scratch.ts";
import { history, interrupt, next, textOf } from "./state.ts";

let scratch: Scratch;
let home: Home;
let reports: Diagnostic[];

beforeEach(() => {
  scratch = new Scratch();
  home = scratch.home;
  reports = [];
});
afterEach(() => scratch.remove());

const report = (diagnostic: Diagnostic): void => void reports.push(diagnostic);
const fileOf = (number: number): string => join(home.generations, `${number}.json`);

describe("reading the current generation", () => {
  it("finds none in a home that does not exist, and creates nothing", () => {
    expect(readCurrent(home, report)).toBeUndefined();
    expect([reports, existsSync(home.directory)]).toEqual([[], false]);
  });

  it("gives back what was committed last", () => {
    const [, last] = history(home, 2);
    expect(readCurrent(home, report)).toEqual(last);
    expect(reports).toEqual([]);
  });

  it.each<[string, (file: string) => void]>([
    ["empty", (file) => writeFileSync(file, "")],
    ["zeros", (file) => writeFileSync(file, Buffer.alloc(4096))],
    ["truncated", (file) => truncateSync(file, 100)],
    ["invalid JSON", (file) => writeFileSync(file, "{oops}")],
    ["of another shape", (file) => writeFileSync(file, '{"schema":1}\n')],
    ["another generation", (file) => copyFileSync(fileOf(1), file)],
  ])("CR06: a file that is %s is kept aside and the one before it is used", (_what, damage) => {
    history(home, 3);
    damage(fileOf(3));
    const damaged = textOf(fileOf(3));
    expect(readCurrent(home, report)?.number).toBe(2);
    expect(textOf(`${fileOf(3)}.damaged-1`)).toBe(damaged);
    expect(reports.every(({ code, severity }) => code === "E_STATE_CORRUPT" && severity === "error")).toBe(true);
    expect(reports[0]?.message).toContain(".damaged-1");
    reports = [];
    expect(readCurrent(home, report)?.number).toBe(2);
    expect(reports.map(({ message }) => message)).toEqual(["generation 3 is lost; generation 2 is used instead"]);
  });

  it("CR06: goes back over several damaged files, and to nothing when there is no other", () => {
    history(home, 3);
    for (const number of [3, 2]) writeFileSync(fileOf(number), "");
    expect(readCurrent(home, report)?.number).toBe(1);
    writeFileSync(fileOf(1), "");
    expect(readCurrent(home, report)).toBeUndefined();
    expect(reports.at(-1)?.message).toContain("no readable one before it");
  });

  it("CR06: a file of a newer Plugsmith is refused and left as it is", () => {
    history(home, 2);
    const text = '{"schema":2,"number":2}\n';
    writeFileSync(fileOf(2), text);
    expect(() => readCurrent(home, report)).toThrow(expect.objectContaining({ code: "E_SCHEMA_NEWER" }));
    expect(() => commitGeneration(home, next("add"), [], 2)).toThrow(
      expect.objectContaining({ code: "E_SCHEMA_NEWER" }),
    );
    expect([textOf(fileOf(2)), readdirSync(home.generations)]).toEqual([text, ["1.json", "2.json"]]);
  });

  it("uses the newest generation when the link is lost, and nothing of an interrupted commit", () => {
    history(home, 2);
    unlinkSync(home.current);
    expect(readCurrent(home, report)?.number).toBe(2);
    expect(reports[0]?.message).toContain("is lost");
    interrupt(home, 3, [], "generation");
    expect(readCurrent(home)?.number).toBe(2);
  });

  it("goes by the number only when the link names something outside", () => {
    history(home, 1);
    rmSync(home.current);
    symlinkSync("/etc/passwd", home.current);
    expect(readCurrent(home, report)?.number).toBe(1);
  });

  it("commits after damage under a new number and never over the damaged one", () => {
    history(home, 3);
    writeFileSync(fileOf(3), "");
    const current = readCurrent(home, report);
    const made = commitGeneration(home, next("sync"), [], current?.number ?? 0, report);
    expect([made.number, made.parent]).toEqual([4, 2]);
    expect(readCurrent(home)?.number).toBe(4);
    expect(readdirSync(home.generations).sort()).toEqual(["1.json", "2.json", "3.json.damaged-1", "4.json"]);
  });
});

describe("older generations", () => {
  it("are listed newest first, without those that never became current", () => {
    history(home, 3);
    interrupt(home, 4, [], "generation");
    writeFileSync(join(home.generations, "3.texts.json"), "{}");
    expect(listGenerations(home).map(({ number, current, verb }) => [number, current, verb])).toEqual([
      [3, true, "add 3"],
      [2, false, "add 2"],
      [1, false, "add 1"],
    ]);
  });

  it("are left out of the list when they are damaged, and reported", () => {
    history(home, 3);
    writeFileSync(fileOf(2), "");
    expect(listGenerations(home, report).map(({ number }) => number)).toEqual([3, 1]);
    expect(reports).toMatchObject([{ code: "E_STATE_CORRUPT", file: fileOf(2) }]);
  });

  it("can be read one by one", () => {
    const [first] = history(home, 2);
    expect(readGenerationNumber(home, 1)).toEqual(first);
    interrupt(home, 3, [], "generation");
    for (const number of [0, 3, 7]) {
      expect(() => readGenerationNumber(home, number)).toThrow(expect.objectContaining({ code: "E_NOT_FOUND" }));
    }
  });
});
