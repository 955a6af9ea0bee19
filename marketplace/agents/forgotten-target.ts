import type { AgentTarget } from "./target.ts";

/** The agent of a record whose target is not known any more, e.g. because the plugin that told of it is gone: it can only be emptied. */
export function forgottenTarget(name: string): AgentTarget {
  return {
    name,
    title: name,
    expresses: {},
    projects: true,
    byDefault: false,
    find: ({ homeDirectory }) => ({ folder: homeDirectory }),
    render: () => ({ placements: [], edits: [], registrations: [], losses: [] }),
  };
}
