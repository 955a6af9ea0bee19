import type { HostPlugin } from "../../../core/host-plugin.ts";
import { definePoint, skillPoint, type SkillContribution } from "../../../plugin-api/index.ts";
import { codePlugin, testHost } from "../../support/test-host.ts";

// Loads and unloads 1,000 data plugins and re-activates the same 20 modules, again and again; prints what is left each time.
const ROUNDS = 10;
const word = definePoint<string>("owner@test/word");

const owner = codePlugin("owner", { points: { "plugsmith/skill": { kind: "skill" }, word: {} } }, () => undefined);

function dataPlugin(at: number): HostPlugin {
  const name = `d${String(at)}`;
  const skill: SkillContribution = {
    kind: "skill",
    name,
    path: name,
    file: `${name}/SKILL.md`,
    description: "does something",
    fields: {},
    modelInvocable: true,
    userInvocable: true,
  };
  const base = codePlugin(name, {}, () => undefined);
  const { load: _load, ...data } = base;
  const { plugsmith: _plugsmith, ...manifest } = base.manifest;
  return { ...data, manifest: { ...manifest, contributions: [skill] } };
}

const code = (at: number): HostPlugin =>
  codePlugin(`c${String(at)}`, { contributes: { [word.key]: [] }, activation: "startup" }, (context) => {
    context.contribute(word, "w", "x");
    const timer = setInterval(() => undefined, 60_000);
    context.onDispose(() => clearInterval(timer));
  });

await using test = await testHost([owner]);
const { host } = test;
const heaps: number[] = [];
let seen = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  await host.reload([
    owner,
    ...Array.from({ length: 1000 }, (_, at) => dataPlugin(at)),
    ...Array.from({ length: 20 }, (_, at) => code(at)),
  ]);
  await host.start();
  seen += (await host.frontend.read(skillPoint)).all().length + (await host.frontend.read(word)).all().length;
  await host.reload([owner]);
  globalThis.gc?.();
  heaps.push(process.memoryUsage().heapUsed);
}
console.log(JSON.stringify({ seen, left: host.registered, heaps }));
