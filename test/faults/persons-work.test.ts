import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { expectAllHit } from "./sweep-report.ts";
import { type Point, sweep } from "./sweep.ts";
import { FAULTED_VERBS } from "./verbs.ts";
import type { Finding } from "./whole.ts";
import type { World } from "./world.ts";

const SYNC = FAULTED_VERBS.filter(({ name }) => name === "sync");

/** From the moment at which a journal promises the change until it is gone. */
function whileJournalled(points: readonly Point[]): readonly Point[] {
  const names = points.map(({ label }) => label);
  const begins = names.findIndex((label) => label.startsWith("rename home/state/journal.new"));
  const ends = names.findIndex((label) => label.startsWith("unlink home/state/journal "));
  return points.slice(begins + 1, ends + 1);
}

/** What somebody does between a kill and the next command; returns what must stand in the files afterwards. */
const WORK: Readonly<Record<string, (machine: World) => Readonly<Record<string, string>>>> = {
  "edits the intent": (machine) => {
    const text = readFileSync(machine.at.path("project/plugins.json"), "utf8").replace(
      '"spare@acme"',
      '"kit@acme": "*",\n    "spare@acme"',
    );
    machine.at.write("project/plugins.json", text);
    return { "project/plugins.json": text };
  },
  "checks out another branch": (machine) => {
    const texts = {
      "project/plugins.json": '{ "schema": 1, "plugins": {} }\n',
      "project/plugins.lock": '{ "schema": 1, "plugins": {} }\n',
    };
    for (const [file, text] of Object.entries(texts)) machine.at.write(file, text);
    return texts;
  },
};

describe("between a kill and the recovery", () => {
  it.each(Object.entries(WORK))("a person %s: nothing of theirs is overwritten", async (what, work) => {
    const look = async (machine: World): Promise<Finding> => {
      const texts = work(machine);
      const next = await machine.other(["list"]);
      const wrong = Object.entries(texts)
        .filter(([file, text]) => readFileSync(machine.at.path(file), "utf8") !== text)
        .map(([file]) => `\`${file}\` was overwritten`);
      if (next.exit !== 0) wrong.push(`\`list\` ends with ${next.exit}: ${next.text}`);
      const isNew = machine.held().generation === machine.after.generation;
      for (const file of Object.keys(texts)) {
        const beside = `${file}.plugsmith-new`;
        if (existsSync(machine.at.path(beside)) && !next.text.includes(beside.slice("project/".length)))
          wrong.push(`\`${beside}\` lies there untold`);
      }
      if (existsSync(machine.at.path("home/state/journal"))) wrong.push("the journal is still there");
      return { holds: isNew ? "new" : "old", wrong };
    };
    const promised = { name: `killed, then a person ${what},`, effects: ["KILL"], look };
    for (const verb of SYNC) expectAllHit(await sweep(verb, [promised], whileJournalled));
  });
});
