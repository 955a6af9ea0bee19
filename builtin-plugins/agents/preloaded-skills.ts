import { promptTextsService, skillPoint, type PluginContext, type Session } from "plugsmith/plugin-api";
import type { Definition } from "./definition.ts";

/** The texts of the skills that an agent starts with; one that cannot be found is left out with a warning. */
export async function preloadedSkills(
  context: PluginContext,
  definition: Definition,
  session: Session,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (definition.skills.length === 0) return [];
  const reader = await context.read(skillPoint);
  const texts = await context.use(promptTextsService);
  const loaded: string[] = [];
  for (const name of definition.skills) {
    const found = reader.all().filter(({ plugin, value }) => {
      const own = [value.name, value.fields["name"]];
      return (
        value.modelInvocable && (own.includes(name) || own.some((each) => `${plugin.name}:${String(each)}` === name))
      );
    });
    const [skill, ...others] = found;
    if (skill === undefined || others.length > 0) {
      const why = skill === undefined ? "is not there for models" : "stands for several skills";
      context.log.warn(`agent \`${definition.name}\` starts without the skill \`${name}\`, which ${why}`);
      continue;
    }
    const { plugin, value } = skill;
    const { text } = await texts.render({
      plugin,
      document: { file: value.file },
      session,
      callId: `skill-${name}-${session.id}`,
      signal,
      args: "",
      skillPath: value.path,
      shell: "bash",
    });
    loaded.push(`Skill \`${name}\`; its files are in \`${plugin.directory}/${value.path}\`.\n\n${text}`);
  }
  return loaded;
}
