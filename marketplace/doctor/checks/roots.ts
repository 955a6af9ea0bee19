import { existsSync } from "node:fs";
import { commitGeneration } from "../../generations/commit.ts";
import { readCurrent } from "../../generations/generations.ts";
import { disagreement } from "../../install/lock-agreement.ts";
import { anchoredIntent, anchoredLock } from "../../lock/portable-paths.ts";
import { loadIntent, loadLock, rootFiles } from "../../lock/root-files.ts";
import type { RootClosure } from "../../../schemas/generation.ts";
import { type Check, type Finding, findingOf, type Scene } from "../finding.ts";

/** The files of every root that this machine knows: there, readable, agreeing with each other and with what runs. */
export const roots: Check = {
  name: "roots",
  find: (scene): readonly Finding[] => {
    const known = { user: { lockDigest: "", plugins: [] }, ...scene.generation?.roots };
    return Object.entries(known).flatMap(([root, closure]) =>
      root !== "user" && !existsSync(root) ? gone(root, closure, scene) : wrongFiles(root, closure, scene),
    );
  },
};

function wrongFiles(root: string, { lockDigest, plugins }: RootClosure, scene: Scene): readonly Finding[] {
  const { home } = scene.services;
  const repair = {
    does: root === "user" ? "sync your own plugins" : `sync ${root}`,
    isOurs: true,
    run: () => scene.mendRoot(root, "lock"),
  };
  try {
    const files = rootFiles(home, root === "user" ? { scope: "user" } : { scope: "project", directory: root });
    const base = root === "user" ? home.directory : root;
    const intent = loadIntent(files.intent);
    if (files.local !== undefined) loadIntent(files.local);
    const lock = loadLock(files.lock);
    if (lock.problem !== undefined) return [{ ...lock.problem, check: "roots", root, repair }];
    const common = { check: "roots", severity: "warning", root, file: files.lock, repair } as const;
    const digest = lock.digest === "absent" ? "" : lock.digest;
    if (lockDigest !== digest && (lockDigest !== "" || plugins.length > 0 || digest !== "")) {
      const message = `the lock ${digest === "" ? "is gone" : "was changed"} since what runs here was made from it`;
      return [{ ...common, code: "E_STALE", message, hint: "run `plugin sync` there" }];
    }
    const problem = disagreement(anchoredIntent(intent.value, base), anchoredLock(lock.value, base), base);
    if (problem === undefined) return [];
    return [
      { ...common, code: "E_FROZEN", message: `intent and lock disagree: ${problem}`, hint: "run `plugin sync` there" },
    ];
  } catch (error) {
    return [findingOf("roots", error, { root })];
  }
}

function gone(root: string, { plugins }: RootClosure, { services }: Scene): readonly Finding[] {
  const { home, exclusively, now } = services;
  if (plugins.length === 0) return [];
  return [
    {
      check: "roots",
      code: "E_NOT_FOUND",
      severity: "warning",
      message: `the project \`${root}\` is gone, and its ${plugins.length === 1 ? "plugin is" : "plugins are"} still kept for it`,
      file: root,
      hint: "if it only lies on a volume that is not there now, leave it",
      root,
      repair: {
        does: `forget the project ${root}`,
        isOurs: true,
        run: () =>
          exclusively(() => {
            const current = readCurrent(home);
            if (current?.roots[root] === undefined) return;
            const { [root]: _, ...others } = current.roots;
            const createdAt = now().toISOString();
            const next = { createdAt, verb: "doctor", root, roots: others, audit: current.audit };
            commitGeneration(home, next, [], current.number);
          }),
      },
    },
  ];
}
