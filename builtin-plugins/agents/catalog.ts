import type { AgentContribution, Contributed } from "plugsmith/plugin-api";
import { closest, UnknownAgent } from "./unknown-agent.ts";
import { definitionOf, GENERAL_PURPOSE, type Definition } from "./definition.ts";

/** Agents by name: what is built in is never shadowed, a bare name of a plugin's agent works while it is free (attacks.md NM05, NM07). */
export class Catalog {
  /** Sorted by name. */
  readonly definitions: readonly Definition[];
  readonly #byName = new Map<string, Definition>();
  readonly #byBareName = new Map<string, Definition[]>();

  /** `warn` hears what is ignored, and why. */
  constructor(contributed: readonly Contributed<AgentContribution>[], warn: (message: string) => void) {
    this.#byName.set(GENERAL_PURPOSE.name, GENERAL_PURPOSE);
    for (const each of contributed) {
      const { plugin, value } = each;
      const definition = definitionOf(each, (field) =>
        warn(`\`${value.file}\` of \`${plugin.id}\`: \`${field}\` has no effect in this agent`),
      );
      if (this.#byName.has(definition.name)) {
        warn(
          `\`${value.file}\` of \`${plugin.id}\` is not used: there is an agent \`${definition.name}\` already; rename it`,
        );
        continue;
      }
      this.#byName.set(definition.name, definition);
      if (definition.name !== value.name) {
        this.#byBareName.set(value.name, [...(this.#byBareName.get(value.name) ?? []), definition]);
      }
    }
    this.definitions = [...this.#byName.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Throws `UnknownAgent` for a name that means no agent, or several. */
  get(name: string): Definition {
    const bare = this.#byBareName.get(name) ?? [];
    const found = this.#byName.get(name) ?? (bare.length === 1 ? bare[0] : undefined);
    if (found !== undefined) return found;
    if (bare.length > 1) throw new UnknownAgent(`\`${name}\` stands for several agents`, namesOf(bare));
    throw new UnknownAgent(`there is no agent \`${name}\``, closest(name, namesOf(this.definitions)));
  }
}

function namesOf(definitions: readonly Definition[]): readonly string[] {
  return definitions.map(({ name }) => name);
}
