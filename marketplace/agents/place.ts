import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import type { Home } from "../home.ts";
import type { AgentTarget, FoundAgent, Machine, Place } from "./target.ts";

/** Where the plugins of a root lie for an agent; a project's folders and marketplace are told apart by a mark of its path. */
export function placeOf(home: Home, root: string, target: AgentTarget, agent: FoundAgent, machine: Machine): Place {
  const label = root === "user" ? "user" : projectLabel(root);
  return {
    root,
    agent,
    machine,
    marketplace: root === "user" ? "plugsmith" : `plugsmith-${label}`,
    own: join(home.agents, target.name, label),
  };
}

function projectLabel(root: string): string {
  const mark = createHash("sha256").update(root).digest("hex").slice(0, 8);
  const name = basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "");
  return name === "" ? mark : `${name.slice(0, 32)}-${mark}`;
}
