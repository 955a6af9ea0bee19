import type { PluginManifest, SkillContribution } from "../../../schemas/plugin-manifest.ts";

/** A name that can be typed behind a slash: others are not listed, the folder's is. */
const TYPEABLE = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]*$/u;

/** The name under which a session lists a skill: `plugin:name`. */
export function listedName(plugin: string, { name, fields }: SkillContribution): string {
  const written = fields["name"];
  return withPlugin(plugin, typeof written === "string" && TYPEABLE.test(written) ? written : name);
}

/** The listed name of the skill that a person means, in full or not, by its own name or its folder's; `undefined` for none. */
export function listedNameOf({ name: plugin, contributions }: PluginManifest, meant: string): string | undefined {
  const full = withPlugin(plugin, meant);
  const skills = contributions.filter((one) => one.kind === "skill");
  const found =
    skills.find((skill) => listedName(plugin, skill) === full) ??
    skills.find(({ name }) => withPlugin(plugin, name) === full);
  return found && listedName(plugin, found);
}

function withPlugin(plugin: string, name: string): string {
  return name.startsWith(`${plugin}:`) ? name : `${plugin}:${name}`;
}
