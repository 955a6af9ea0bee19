import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { looseFolders } from "../core/discover/loose-folders.ts";
import type { Workspace } from "../plugin-api/index.ts";
import type { Row } from "./bar.ts";
import type { RowGroup } from "./local-rows.ts";
import { BARE, measure, median } from "./measure.ts";

const SKILLS = 10_000;
const CHANGED = 10;
const RUNS = 15;

/** Ten thousand skills in a person's own folder: the first reading, one when nothing changed, one after ten were edited. */
export const skillIndexRows: RowGroup = async (folder) => {
  const home = mkdtempSync(join(folder, "person-"));
  const file = (at: number): string => join(home, ".claude/skills", `skill-${String(at)}`, "SKILL.md");
  for (let at = 0; at < SKILLS; at += 1) {
    mkdirSync(join(file(at), ".."), { recursive: true });
    writeFileSync(file(at), `---\nname: skill-${String(at)}\ndescription: does thing ${String(at)}\n---\n\nDo it.\n`);
  }
  const project = join(home, "project");
  mkdirSync(project);
  const workspace: Workspace = {
    directory: project,
    projectDirectory: project,
    homeDirectory: home,
    plugsmithHome: join(home, ".plugsmith"),
    trusted: true,
    environment: {},
  };
  const read = (): number => {
    const started = performance.now();
    const plugins = looseFolders({ workspace, dataRoot: join(home, "data"), settingsText: () => undefined });
    const elapsed = performance.now() - started;
    const count = plugins.reduce((sum, { manifest }) => sum + manifest.contributions.length, 0);
    if (count !== SKILLS) throw new Error(`${String(count)} skills were found`);
    return elapsed;
  };
  const first = read();
  const warm: number[] = [];
  const changed: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    warm.push(read());
    const now = Date.now() / 1000 + run;
    for (let at = 0; at < CHANGED; at += 1) utimesSync(file(at), now, now);
    changed.push(read());
  }
  const bare = (await measure([BARE])).get(BARE.name)?.medianMs ?? 0;
  const over = (name: string, overMs: number, value: number): Row => ({
    name,
    unit: "ms",
    measured: bare + value,
    bar: bare + overMs,
    rule: `F + ${String(overMs)} ms`,
    baseline: bare,
    overMs,
  });
  return [
    over("10,000 loose skills, nothing changed", 65, median(warm)),
    over("10,000 loose skills, ten changed", 100, median(changed)),
    over("10,000 loose skills, first reading", 1000, first),
  ];
};
