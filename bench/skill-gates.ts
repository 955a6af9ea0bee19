import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gateIndexOf, SessionSkills } from "../builtin-plugins/skills/session-skills.ts";
import { skillOf, type Skill } from "../builtin-plugins/skills/skill.ts";
import type { PluginInfo } from "../plugin-api/index.ts";
import { MemorySession } from "../test/support/memory-sessions.ts";
import type { Row } from "./bar.ts";
import { median } from "./measure.ts";

const SKILLS = 10_000;
const RUNS = 15;
/** What authors write, over and over with other names. */
const PATTERNS: readonly ((at: number) => readonly string[])[] = [
  () => ["**/*.ts", "**/*.tsx"],
  (at) => [`src/feature-${String(at)}/**`],
  (at) => [`packages/p${String(at % 100)}/**/*.{ts,tsx,js,jsx}`],
  (at) => [`**/config-${String(at)}.json`],
  (at) => [`docs/**/*-${String(at)}.md`, "!docs/generated/**"],
];
const FIRST = "packages/p7/src/deep/index.ts";
const NEXT = ["src/feature-11/a.ts", "docs/guide/x-24.md", "packages/p9/readme.md", "a/b/config-3.json"];

/** Touched files against 10,000 gated skills, in a session that has just begun (issue 3, §4). */
export async function skillGateRows(folder: string): Promise<readonly Row[]> {
  const project = realpathSync(mkdtempSync(join(folder, "project-")));
  for (const file of [FIRST, ...NEXT]) {
    mkdirSync(join(project, dirname(file)), { recursive: true });
    writeFileSync(join(project, file), "");
  }
  const skills = gatedSkills();
  const built: number[] = [];
  const first: number[] = [];
  const next: number[] = [];
  for (let run = -1; run < RUNS; run += 1) {
    const session = new MemorySession({ directory: project });
    const started = performance.now();
    const gates = gateIndexOf(skills);
    const builtMs = performance.now() - started;
    const state = new SessionSkills(session, { skills, gates }, undefined);
    const firstMs = timed(() => state.touched(join(project, FIRST)));
    const nextMs = NEXT.map((file) => timed(() => state.touched(join(project, file))));
    if (session.notes("plugsmith/skill-opened").flat().length < SKILLS / PATTERNS.length)
      throw new Error("no gate opened");
    if (run >= 0) built.push(builtMs);
    if (run >= 0) first.push(firstMs);
    if (run >= 0) next.push(...nextMs);
  }
  return [
    { name: "index of the gates of 10,000 skills", unit: "ms", measured: median(built), bar: 40, rule: "40 ms" },
    { name: "first file against 10,000 gated skills", unit: "ms", measured: median(first), bar: 10, rule: "10 ms" },
    { name: "next file against 10,000 gated skills", unit: "ms", measured: median(next), bar: 1, rule: "1 ms" },
  ];
}

function gatedSkills(): readonly Skill[] {
  const plugin: PluginInfo = {
    id: "p@m",
    name: "p",
    version: "1",
    tier: "installed",
    directory: "/p",
    dataDirectory: "/d",
  };
  return Array.from({ length: SKILLS }, (_, at) => {
    const name = `skill-${String(at)}`;
    const paths = PATTERNS[at % PATTERNS.length]?.(at) ?? [];
    const value = {
      kind: "skill",
      name,
      path: name,
      file: `${name}/SKILL.md`,
      description: "",
      fields: {},
      modelInvocable: true,
      userInvocable: true,
      paths,
    } as const;
    return skillOf({ plugin, name, value });
  });
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
