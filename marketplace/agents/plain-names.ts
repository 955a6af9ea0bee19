import type { AgentPlugin } from "./target.ts";

/**
 * Names for agents without namespaces: the plain name of a component for the first that has it, `<plugin>-<name>` for every
 * other, with a number where that is taken as well. `:` between folders becomes `-`.
 */
export class PlainNames {
  readonly #taken = new Set<string>();

  take(plugin: Pick<AgentPlugin, "name">, name: string): string {
    const plain = name.replaceAll(":", "-");
    const long = `${plugin.name}-${plain}`;
    let given = this.#taken.has(plain) ? long : plain;
    for (let count = 2; this.#taken.has(given); count += 1) given = `${long}-${String(count)}`;
    this.#taken.add(given);
    return given;
  }
}
