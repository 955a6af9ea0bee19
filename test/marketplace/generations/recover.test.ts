import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCurrent } from "../../../marketplace/generations/generations.ts";
import { needsRecovery, recover } from "../../../marketplace/generations/recover.ts";
import type { Home } from "../../../marketplace/home.ts";
import { Scratch } from "../store/scratch.ts";
import { change, history, interrupt, textOf } from "./state.ts";

let scratch: Scratch;
let home: Home;

beforeEach(() => {
  scratch = new Scratch();
  home = scratch.home;
  mkdirSync(home.directory);
});
afterEach(() => scratch.remove());

/** Writes the user's intent and lock as the interrupted commit found or left them. */
function onDisk(intent: string | undefined, lock: string | undefined): void {
  if (intent !== undefined) writeFileSync(home.intent, intent);
  if (lock !== undefined) writeFileSync(home.lock, lock);
}

function files(): readonly (string | undefined)[] {
  return [textOf(home.intent), textOf(home.lock)];
}

describe("recover", () => {
  it("does nothing when no commit was interrupted", () => {
    history(home, 2);
    expect(needsRecovery(home)).toBe(false);
    expect(recover(home)).toEqual([]);
    expect(readCurrent(home)?.number).toBe(2);
  });

  it.each(["journal", "generation"] as const)("goes back when the commit came no further than its %s", (reached) => {
    history(home, 2);
    onDisk("old intent", "old lock");
    const both = [change(home.intent, "old intent", "new intent"), change(home.lock, "old lock", "new lock")];
    interrupt(home, 3, both, reached);
    expect(readCurrent(home)?.number).toBe(2);
    expect(recover(home)).toEqual([]);
    expect(files()).toEqual(["old intent", "old lock"]);
    expect([needsRecovery(home), existsSync(join(home.generations, "3.json"))]).toEqual([false, false]);
  });

  it("goes back to nothing when the very first commit was interrupted", () => {
    interrupt(home, 1, [change(home.intent, undefined, "new")], "generation");
    expect(readCurrent(home)).toBeUndefined();
    expect(recover(home)).toEqual([]);
    expect(readCurrent(home)).toBeUndefined();
    expect(files()).toEqual([undefined, undefined]);
    expect(readdirSync(home.generations)).toEqual([]);
  });

  it.each<[string, string | undefined, string | undefined]>([
    ["no file was written", "old intent", undefined],
    ["the first file was written", "new intent", undefined],
    ["only the second file was written", "old intent", "new lock"],
    ["every file was written", "new intent", "new lock"],
  ])("goes on when `current` was switched and %s", (_what, intent, lock) => {
    history(home, 1);
    onDisk(intent, lock);
    const both = [change(home.intent, "old intent", "new intent"), change(home.lock, undefined, "new lock")];
    interrupt(home, 2, both, "current");
    expect(recover(home)).toEqual([]);
    expect(files()).toEqual(["new intent", "new lock"]);
    expect([readCurrent(home)?.number, needsRecovery(home)]).toEqual([2, false]);
    expect(recover(home)).toEqual([]);
  });

  it("deletes a file that the commit deletes, unless it was edited", () => {
    onDisk("old", "edited");
    interrupt(home, 1, [change(home.intent, "old", undefined), change(home.lock, "old", undefined)], "current");
    const [kept, ...more] = recover(home);
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ code: "E_STALE", file: home.lock });
    expect(files()).toEqual([undefined, "edited"]);
  });

  it.each<[string, string | undefined]>([
    ["edited", "edited by hand"],
    ["deleted", undefined],
  ])("keeps a file that was %s meanwhile, and the new text beside it", (_what, intent) => {
    onDisk(intent, "old lock");
    const both = [change(home.intent, "old intent", "new intent"), change(home.lock, "old lock", "new lock")];
    interrupt(home, 1, both, "current");
    expect(recover(home)).toMatchObject([{ code: "E_STALE", severity: "warning", file: home.intent }]);
    expect(files()).toEqual([intent, "new lock"]);
    expect(textOf(`${home.intent}.plugsmith-new`)).toBe("new intent");
    expect(needsRecovery(home)).toBe(false);
  });

  it("is not disturbed by what a killed process left of its temporary files", () => {
    history(home, 1);
    onDisk("old", undefined);
    interrupt(home, 2, [change(home.intent, "old", "new")], "current");
    const temporary = join(home.directory, ".plugins.json.plugsmith-tmp");
    for (const file of [temporary, `${home.journal}.new`, join(home.generations, "3.json.new")])
      writeFileSync(file, "hal");
    symlinkSync("generations/9.json", `${home.current}.new`);
    expect(recover(home)).toEqual([]);
    expect([textOf(home.intent), existsSync(temporary)]).toEqual(["new", false]);
    expect(history(home, 0)).toEqual([]);
  });

  it("finishes a project's private picks with their `.gitignore`", () => {
    const project = scratch.write({ ok: "" });
    const local = join(project, ".plugsmith/local.json");
    interrupt(home, 1, [change(local, undefined, "{}")], "current");
    expect(recover(home)).toEqual([]);
    expect([textOf(local), textOf(join(project, ".plugsmith/.gitignore"))]).toEqual(["{}", "*\n"]);
  });

  it("leaves out a project that is gone or leads elsewhere by now, and writes the rest", () => {
    const outside = scratch.write({ b: "" });
    const project = scratch.write({ ".plugsmith": { link: outside } });
    const gone = join(scratch.directory, "gone/plugins.json");
    const local = join(project, ".plugsmith/local.json");
    const files = [change(gone, "old", "new"), change(local, undefined, "{}"), change(home.intent, undefined, "new")];
    interrupt(home, 1, files, "current");
    expect(recover(home).map(({ code, file }) => [code, file])).toEqual([
      ["E_STALE", gone],
      ["E_PATH_ESCAPE", local],
    ]);
    expect([existsSync(join(scratch.directory, "gone")), readdirSync(outside), textOf(home.intent)]).toEqual([
      false,
      ["b"],
      "new",
    ]);
    expect(needsRecovery(home)).toBe(false);
  });

  it.each(["", "\0\0\0\0", '{"schema":1,"generation":2', "[]", '{"schema":1,"generation":1,"files":[{"path":3}]}'])(
    "keeps a damaged journal %j aside and says so",
    (text) => {
      history(home, 1);
      writeFileSync(home.journal, text);
      expect(recover(home)).toMatchObject([{ code: "E_STATE_CORRUPT", severity: "error" }]);
      expect(textOf(`${home.journal}.damaged-1`)).toBe(text);
      expect([needsRecovery(home), readCurrent(home)?.number]).toEqual([false, 1]);
    },
  );

  it("touches nothing when a newer Plugsmith was interrupted", () => {
    history(home, 1);
    const text = '{"schema":2,"generation":2,"files":[]}';
    writeFileSync(home.journal, text);
    expect(() => recover(home)).toThrow(expect.objectContaining({ code: "E_SCHEMA_NEWER" }));
    expect([textOf(home.journal), readlinkSync(home.current)]).toEqual([text, "generations/1.json"]);
  });
});
