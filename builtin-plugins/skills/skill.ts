import type { Contributed, PluginInfo, SkillContribution } from "plugsmith/plugin-api";

/** A skill under the name by which it is listed. */
export interface Skill {
  /** Unique in the host. */
  readonly id: string;
  /** `plugin:name`, of loose folders the bare name. */
  readonly name: string;
  /** Other names that mean it as long as they mean nothing else. */
  readonly aliases: readonly string[];
  readonly plugin: PluginInfo;
  readonly contribution: SkillContribution;
  /** Of a skill that was found in a folder below the project: that folder. */
  readonly folder?: string | undefined;
}

/** A name that can be typed behind a slash. */
const TYPEABLE = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]*$/u;

/** Names a contributed skill; `prefix` sets it apart from one of the same name. */
export function skillOf({ plugin, name: key, value }: Contributed<SkillContribution>, prefix = ""): Skill {
  const written = value.fields["name"];
  const own = typeof written === "string" && TYPEABLE.test(written) ? written : value.name;
  const named = (name: string): string => {
    if (plugin.tier === "loose") return `${prefix}${name}`;
    return name.startsWith(`${plugin.name}:`) ? name : `${plugin.name}:${name}`;
  };
  const name = named(own);
  const aliases = new Set([named(value.name), ...(prefix === "" ? [own, value.name] : [])]);
  aliases.delete(name);
  return { id: `${plugin.id} ${key}`, name, aliases: [...aliases], plugin, contribution: value };
}
