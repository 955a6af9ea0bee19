import { splitFrontMatter } from "../../schemas/frontmatter-split.ts";
import type { AgentContribution, CommandContribution } from "../../schemas/plugin-manifest.ts";
import { markdownText, ofKind, skillFiles } from "./claude-folder.ts";
import { PlainNames } from "./plain-names.ts";
import type { PlacedFile } from "./placement.ts";
import type { AgentPlugin } from "./target.ts";

/** For agents that have no commands of plugins: a command as a skill, which the person or the model can call by its name. */
export function commandSkill(command: CommandContribution, plugin: AgentPlugin, name: string): string {
  const body = splitFrontMatter(markdownText(command, plugin)).body.replaceAll(
    /\$ARGUMENTS(?:\[\d+\])?|\$\d/gu,
    "the arguments in the request",
  );
  return `---\nname: ${JSON.stringify(name)}\ndescription: ${JSON.stringify(command.description)}\n---\n\n${body}`;
}

/** The skills of a plugin below `skills/`, and its commands as skills; a command called as one of them is `<plugin>-<name>`. */
export function allSkills(plugin: AgentPlugin): readonly PlacedFile[] {
  const names = new PlainNames();
  return [
    ...ofKind(plugin, "skill").flatMap((skill) =>
      skillFiles(skill, plugin, `skills/${names.take(plugin, skill.name)}`),
    ),
    ...ofKind(plugin, "command").map((command) => {
      const name = names.take(plugin, command.name);
      return { path: `skills/${name}/SKILL.md`, content: { text: commandSkill(command, plugin, name) } };
    }),
  ];
}

/** What an agent file tells its model: the text below its front matter. */
export function agentPrompt(agent: AgentContribution, plugin: AgentPlugin): string {
  return splitFrontMatter(markdownText(agent, plugin)).body;
}
