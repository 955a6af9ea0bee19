import type { AgentPlugin } from "./target.ts";

/**
 * Names for agents without namespaces: the plain name of a component for the first plugin that has it, `<plugin>-<name>`
 * for every other. `:` between folders becomes `-`.
 */
export class PlainNames {
  readonly #taken = new Set<string>();

  take(plugin: AgentPlugin, name: string): string {
    const plain = name.replaceAll(":", "-");
    const given = this.#taken.has(plain) ? `${plugin.name}-${plain}` : plain;
    this.#taken.add(given);
    return given;
  }
}
