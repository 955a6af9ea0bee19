import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Target } from "../marketplace/install/change.ts";
import type { Scope } from "../marketplace/plan/plan.ts";
import type { VerbContext } from "./context.ts";

/** The project that a directory belongs to: the nearest folder upwards with a `plugins.json`, else with `.git`; links resolved. */
export function projectOf(cwd: string, home: string): string | undefined {
  const start = realpathSync(cwd);
  let repository: string | undefined;
  for (let directory = start; ; directory = dirname(directory)) {
    // The user's own `plugins.json` in the home makes no project of it.
    if (directory !== home && existsSync(join(directory, "plugins.json"))) return directory;
    if (repository === undefined && existsSync(join(directory, ".git"))) repository = directory;
    if (directory === dirname(directory)) return repository;
  }
}

/** The root of a scope, seen from where the verb was started. */
export function targetOf(context: VerbContext, scope: Scope, home: string): Target {
  if (scope === "user") return { scope };
  return { scope, directory: projectOf(context.cwd, home) ?? realpathSync(context.cwd) };
}

/** The scope of a verb that follows the files around it: `project` inside a folder with a `plugins.json`, else `user`. */
export function defaultScope(context: VerbContext, home: string): Scope {
  const project = projectOf(context.cwd, home);
  return project !== undefined && existsSync(join(project, "plugins.json")) ? "project" : "user";
}
