import { join } from "node:path";
import { ofKind, skillFiles } from "./claude-folder.ts";
import { commandSkill } from "./command-skill.ts";
import { findFolder } from "./find-agent.ts";
import { lossesOf } from "./losses.ts";
import type { Placement } from "./placement.ts";
import { PlainNames } from "./plain-names.ts";
import type { AgentPlugin, AgentTarget, Expresses } from "./target.ts";

const TITLE = "the `.agents/skills` folder";
const ONLY_SKILLS = { lost: "the folder holds skills only" };

const EXPRESSES: Expresses = {
  skill: "native",
  command: "translated",
  agent: ONLY_SKILLS,
  hook: ONLY_SKILLS,
  mcp: ONLY_SKILLS,
  lsp: ONLY_SKILLS,
  "output-style": ONLY_SKILLS,
  monitor: ONLY_SKILLS,
  bin: ONLY_SKILLS,
};

/** The folder that many agents look into; written into only when named, because those agents would see its skills twice. */
export const skillsFolder: AgentTarget = {
  name: "skills",
  title: TITLE,
  expresses: EXPRESSES,
  projects: true,
  byDefault: false,
  find: ({ homeDirectory }) => findFolder(homeDirectory) && { folder: join(homeDirectory, ".agents", "skills") },
  render: (all, { root, agent }) => {
    const plugins = all.filter((plugin) => plugin.enabled);
    const folder = root === "user" ? agent.folder : join(root, ".agents", "skills");
    return {
      placements: skillPlacements(plugins, folder),
      edits: [],
      registrations: [],
      losses: lossesOf(plugins, {
        title: TITLE,
        expresses: EXPRESSES,
        drops: () => ["hooks", "commands in its text"],
      }),
    };
  },
};

/** Skills, and commands as skills, each a folder below `folder`. */
export function skillPlacements(
  plugins: readonly AgentPlugin[],
  folder: string,
  options: { readonly commands: boolean } = { commands: true },
): readonly Placement[] {
  const names = new PlainNames();
  return plugins.flatMap((plugin) => [
    ...ofKind(plugin, "skill").map((skill) => {
      const name = names.take(plugin, skill.name);
      return placement(folder, name, plugin, () => skillFiles(skill, plugin, "."));
    }),
    ...(options.commands ? ofKind(plugin, "command") : []).map((command) => {
      const name = names.take(plugin, command.name);
      return placement(folder, name, plugin, () => [
        { path: "SKILL.md", content: { text: commandSkill(command, plugin, name) } },
      ]);
    }),
  ]);
}

function placement(
  folder: string,
  name: string,
  plugin: AgentPlugin,
  files: Extract<Placement["content"], { kind: "folder" }>["files"],
): Placement {
  return { path: join(folder, name), key: plugin.key, plugin: plugin.id, content: { kind: "folder", files } };
}
