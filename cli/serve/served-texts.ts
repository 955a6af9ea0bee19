import { commandOf } from "../../builtin-plugins/commands/catalog.ts";
import { skillOf } from "../../builtin-plugins/skills/skill.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Contributed } from "../../plugin-api/point.ts";
import type { PromptTextRequest } from "../../plugin-api/services/prompt-texts.ts";
import type { CommandContribution, SkillContribution } from "../../schemas/plugin-manifest.ts";

/** A skill or a command of a plugin, as clients see it. */
export interface ServedText {
  readonly kind: "skill" | "command";
  /** As sessions name it: `plugin:name`. */
  readonly name: string;
  /** `skill://plugin/name` or `command://plugin/name`. */
  readonly uri: string;
  readonly plugin: PluginInfo;
  readonly description: string;
  /** What its author says of the arguments. */
  readonly argumentHint: string | undefined;
  readonly argumentNames: readonly string[];
  /** Whether a person may use it as a prompt. */
  readonly isPrompt: boolean;
  /** How its text is made ready, but for the session and the call. */
  readonly text: Omit<PromptTextRequest, "session" | "callId" | "signal">;
}

/** What plugins contribute, without loose folders: clients read those on their own. A skill beats a command of the same name. */
export function servedTexts(
  skills: readonly Contributed<SkillContribution>[],
  commands: readonly Contributed<CommandContribution>[],
): ReadonlyMap<string, ServedText> {
  const found = new Map<string, ServedText>();
  for (const text of [...skills.filter(isOfPlugin).map(skillText), ...commands.filter(isOfPlugin).map(commandText)]) {
    const { name, kind } = found.get(text.name) ?? {};
    if (name === undefined) found.set(text.name, text);
    else if (kind === text.kind) found.set(`${name}@${marketOf(text.plugin)}`, withMarket(text));
  }
  return found;
}

/** Whether a plugin is one of those that are served. */
export function isOfPlugin({ plugin }: { readonly plugin: PluginInfo }): boolean {
  return plugin.tier === "installed" || plugin.tier === "session";
}

function skillText(contributed: Contributed<SkillContribution>): ServedText {
  const { name, plugin, contribution } = skillOf(contributed);
  const { description, whenToUse, fields, file, path, userInvocable } = contribution;
  return {
    ...common("skill", name, plugin, fields),
    description: [description, whenToUse].filter((text) => text !== undefined && text !== "").join(" "),
    isPrompt: userInvocable,
    text: { ...rendering(plugin, fields), document: { file }, skillPath: path },
  };
}

function commandText(contributed: Contributed<CommandContribution>): ServedText {
  const { name, plugin, contribution } = commandOf(contributed);
  const { description, fields, file, content } = contribution;
  return {
    ...common("command", name, plugin, fields),
    description,
    isPrompt: fields["userInvocable"] !== false,
    text: {
      ...rendering(plugin, fields),
      document: file === undefined ? { content: content ?? "" } : { file },
      attach: true,
    },
  };
}

function common(
  kind: ServedText["kind"],
  name: string,
  plugin: PluginInfo,
  fields: Readonly<Record<string, unknown>>,
): Pick<ServedText, "kind" | "name" | "uri" | "plugin" | "argumentHint" | "argumentNames"> {
  const hint = fields["argumentHint"];
  const own = name.startsWith(`${plugin.name}:`) ? name.slice(plugin.name.length + 1) : name;
  return {
    kind,
    name,
    uri: `${kind}://${encodeURIComponent(plugin.name)}/${encodeURIComponent(own)}`,
    plugin,
    argumentHint: typeof hint === "string" && hint !== "" ? hint : undefined,
    argumentNames: textsIn(fields["arguments"]),
  };
}

function rendering(
  plugin: PluginInfo,
  fields: Readonly<Record<string, unknown>>,
): Pick<PromptTextRequest, "plugin" | "argumentNames" | "allowedTools" | "shell"> {
  return {
    plugin,
    argumentNames: textsIn(fields["arguments"]),
    allowedTools: textsIn(fields["allowedTools"]),
    shell: fields["shell"] === "powershell" ? "powershell" : "bash",
  };
}

/** Plugins of one name from two marketplaces: the later one is told apart by its marketplace. */
function withMarket(text: ServedText): ServedText {
  const market = marketOf(text.plugin);
  return { ...text, name: `${text.name}@${market}`, uri: `${text.uri}?market=${encodeURIComponent(market)}` };
}

function marketOf({ id }: PluginInfo): string {
  return id.slice(id.lastIndexOf("@") + 1);
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
