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
      const loose = plugin.tier === "loose";
      const name = loose || value.name.startsWith(`${plugin.name}:`) ? value.name : `${plugin.name}:${value.name}`;
      const command: Command = { name, plugin, contribution: value };
      add(this.#byName, name, command);
      if (!loose) add(this.#byBareName, value.name, command);
    }
  }

  /** All that a name stands for; more than one means that it stands for none. */
  find(name: string): readonly Command[] {
    return this.#byName.get(name) ?? this.#byBareName.get(name) ?? [];
  }
}

function add(map: Map<string, Command[]>, name: string, command: Command): void {
  map.set(name, [...(map.get(name) ?? []), command]);
}
