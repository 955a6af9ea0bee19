import { splitFrontMatter } from "../../schemas/frontmatter-split.ts";
import type { AgentContribution, CommandContribution } from "../../schemas/plugin-manifest.ts";
import { markdownText, ofKind } from "./claude-folder.ts";
import type { PlacedFile } from "./placement.ts";
import type { AgentPlugin } from "./target.ts";

/** For agents that have no commands of plugins: a command as a skill, which the person or the model can call by its name. */
export function commandSkill(command: CommandContribution, plugin: AgentPlugin): PlacedFile {
  const name = command.name.replaceAll(":", "-");
  const body = splitFrontMatter(markdownText(command, plugin)).body.replaceAll(
    /\$ARGUMENTS(?:\[\d+\])?|\$\d/gu,
    "the arguments in the request",
  );
  const text = `---\nname: ${JSON.stringify(name)}\ndescription: ${JSON.stringify(command.description)}\n---\n\n${body}`;
  return { path: `skills/${name}/SKILL.md`, content: { text } };
}

/** The commands of a plugin as skills, but for those whose name one of its skills has. */
export function commandSkills(plugin: AgentPlugin): readonly PlacedFile[] {
  const taken = new Set(ofKind(plugin, "skill").map(({ name }) => name));
  return ofKind(plugin, "command")
    .filter(({ name }) => !taken.has(name.replaceAll(":", "-")))
    .map((command) => commandSkill(command, plugin));
}

/** What an agent file tells its model: the text below its front matter. */
export function agentPrompt(agent: AgentContribution, plugin: AgentPlugin): string {
  return splitFrontMatter(markdownText(agent, plugin)).body;
}
