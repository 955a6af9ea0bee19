import type { CommandContribution, Contributed, PluginInfo } from "plugsmith/plugin-api";

/** A command under the name that is typed. */
export interface Command {
  /** `plugin:folder:name`, of loose folders `folder:name`. */
  readonly name: string;
  readonly plugin: PluginInfo;
  readonly contribution: CommandContribution;
}

/** Commands by name: the full name always means its command, one without the plugin's only while it is free (attacks.md NM07). */
export class Catalog {
  readonly #byName = new Map<string, Command[]>();
  readonly #byBareName = new Map<string, Command[]>();

  constructor(contributed: readonly Contributed<CommandContribution>[]) {
    for (const { plugin, value } of contributed) {
      const command = commandOf({ plugin, value });
      add(this.#byName, command.name, command);
      if (plugin.tier !== "loose") add(this.#byBareName, value.name, command);
    }
  }

  /** All that a name stands for; more than one means that it stands for none. */
  find(name: string): readonly Command[] {
    return this.#byName.get(name) ?? this.#byBareName.get(name) ?? [];
  }
}

/** Names a contributed command. */
export function commandOf({ plugin, value }: Omit<Contributed<CommandContribution>, "name">): Command {
  const isFull = plugin.tier === "loose" || value.name.startsWith(`${plugin.name}:`);
  return { name: isFull ? value.name : `${plugin.name}:${value.name}`, plugin, contribution: value };
}

function add(map: Map<string, Command[]>, name: string, command: Command): void {
  map.set(name, [...(map.get(name) ?? []), command]);
}
