import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../marketplace/home.ts";
import type { Target } from "../marketplace/install/change.ts";
import { findProjectRoot } from "../marketplace/lock/project-root.ts";
import type { Scope } from "../marketplace/plan/plan.ts";
import type { VerbContext } from "./context.ts";

/** The root of a scope, seen from where the verb was started; without a project above, that directory becomes one. */
export function targetOf(context: VerbContext, scope: Scope, home: Home): Target {
  if (scope === "user") return { scope };
  return { scope, directory: findProjectRoot(context.cwd, home) ?? realpathSync(context.cwd) };
}

/** The scope of a verb that follows the files around it: `project` inside a folder with a `plugins.json`, else `user`. */
export function defaultScope(context: VerbContext, home: Home): Scope {
  const project = findProjectRoot(context.cwd, home);
  return project !== undefined && existsSync(join(project, "plugins.json")) ? "project" : "user";
}
