import type { Skill } from "./skill.ts";

/** What a name stands for. */
export type Lookup =
  | { readonly kind: "skill"; readonly skill: Skill }
  | { readonly kind: "ambiguous"; readonly names: readonly string[] }
  | { readonly kind: "unknown" };

/** Skills by name: the full name always means its skill, a bare one only while one skill has it (attacks.md NM07). */
export class Catalog {
  /** Sorted by name. */
  readonly skills: readonly Skill[];
  readonly #byId: ReadonlyMap<string, Skill>;
  readonly #byName = new Map<string, Skill[]>();
  readonly #byAlias = new Map<string, Skill[]>();

  constructor(skills: readonly Skill[]) {
    this.skills = skills.toSorted((left, right) => compare(left.name, right.name) || compare(left.id, right.id));
    this.#byId = new Map(skills.map((skill) => [skill.id, skill]));
    for (const skill of this.skills) {
      add(this.#byName, skill.name, skill);
      for (const alias of skill.aliases) add(this.#byAlias, alias, skill);
    }
  }

  get(id: string): Skill | undefined {
    return this.#byId.get(id);
  }

  find(name: string): Lookup {
    const found = this.#byName.get(name) ?? this.#byAlias.get(name) ?? [];
    const [skill, ...others] = found;
    if (skill === undefined) return { kind: "unknown" };
    return others.length === 0 ? { kind: "skill", skill } : { kind: "ambiguous", names: found.map(label) };
  }

  /** Whether a skill is listed under a name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }
}

function add(map: Map<string, Skill[]>, name: string, skill: Skill): void {
  map.set(name, [...(map.get(name) ?? []), skill]);
}

function label({ name, plugin }: Skill): string {
  return `\`${name}\` of \`${plugin.id}\``;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
