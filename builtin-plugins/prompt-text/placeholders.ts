import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { optionText, type LoadedPlugin, type PluginInfo, type PromptTextRequest } from "plugsmith/plugin-api";

/** Replaces the placeholders of a text. */
export type FillPlaceholders = (text: string) => string;

const PLACEHOLDER = /\$\{(?:CLAUDE_)?(PLUGIN_ROOT|PLUGIN_DATA|PROJECT_DIR|SKILL_DIR|SESSION_ID|EFFORT)\}/gu;

/** Placeholders of formats.md §1.6 and §4.6 by their vendor's and by neutral names; those of a plugin mean nothing in loose folders. */
export function placeholdersOf({ plugin, session, skillPath }: PromptTextRequest): FillPlaceholders {
  const rooted = plugin.tier !== "loose";
  const value = (name: string): string | undefined => {
    switch (name) {
      case "PLUGIN_ROOT":
        return rooted ? plugin.directory : undefined;
      case "PLUGIN_DATA":
        return rooted ? dataFolder(plugin) : undefined;
      case "SKILL_DIR":
        return skillPath === undefined ? undefined : resolve(plugin.directory, skillPath);
      case "PROJECT_DIR":
        return session.projectDirectory;
      case "SESSION_ID":
        return session.id;
      default:
        return session.turn.effort ?? session.options.effort ?? "";
    }
  };
  return (text) => text.replaceAll(PLACEHOLDER, (match, name: string) => value(name) ?? match);
}

/** The text of an option; a secret is never put where a model reads it. */
export function optionsOf(loaded: LoadedPlugin | undefined): (key: string) => string | undefined {
  return (key) => {
    const option = loaded?.manifest.userConfig[key];
    if (loaded === undefined || option === undefined) return undefined;
    if (option.sensitive) return `[the secret option ${key} is not shown]`;
    const value = loaded.options[key] ?? option.default;
    if (value === undefined) return undefined;
    return optionText(value);
  };
}

function dataFolder({ dataDirectory }: PluginInfo): string {
  mkdirSync(dataDirectory, { recursive: true });
  return dataDirectory;
}
