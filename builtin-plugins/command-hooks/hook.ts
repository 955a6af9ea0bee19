import type { HookContribution, PluginInfo } from "plugsmith/plugin-api";

/** One hook with the plugin that brings it. */
export interface Hook {
  readonly plugin: PluginInfo;
  readonly contribution: HookContribution;
  /** The skill whose front matter has it. */
  readonly skill?: string | undefined;
}

/** Names a hook in messages. */
export function hookLabel({ plugin, contribution, skill }: Hook): string {
  const from = skill === undefined ? plugin.id : `skill ${skill} of ${plugin.id}`;
  return `${contribution.event} hook of ${from}`;
}

/** What a hook is told, as JSON (formats.md §6.4). */
export type HookInput = Readonly<Record<string, unknown>> & { readonly hook_event_name: string };
