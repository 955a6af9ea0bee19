import { CodedError } from "../../schemas/errors.ts";
import type { Extension, PointDeclaration } from "../../schemas/plugsmith-extension.ts";

/** A plugin and what its manifest announces. */
export interface Announced {
  readonly id: string;
  readonly extension: Extension;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Who owns a point. */
export interface PointOwner {
  readonly plugin: string;
  readonly declaration: PointDeclaration;
}

/** Who announces what among the plugins of a host; nothing in it has run. */
export class Directory {
  readonly #owners = new Map<string, PointOwner>();
  readonly #kinds = new Map<string, string>();
  readonly #providers = new Map<string, string>();
  readonly #listeners = new Map<string, Set<string>>();

  /** Enters a plugin. Throws `E_SERVICE_CONFLICT`, and enters nothing, when another owns or provides the same. */
  add({ id, extension }: Announced): void {
    for (const key of Object.keys(extension.points))
      this.#refuse("owns the point", key, this.#owners.get(key)?.plugin, id);
    for (const { kind } of Object.values(extension.points)) {
      const taken = kind === undefined ? undefined : this.#kinds.get(kind);
      if (kind !== undefined && taken !== undefined)
        this.#refuse("takes all components of the kind", kind, this.#owners.get(taken)?.plugin, id);
    }
    for (const key of extension.provides) this.#refuse("provides", key, this.#providers.get(key), id);
    for (const key of extension.listens) {
      // Whoever answers the gate of a guarded point can say yes to everything there, so there is one.
      if (this.isGuard(key))
        this.#refuse(
          "answers the gate",
          key,
          [...this.listeners(key)].find((one) => one !== id),
          id,
        );
    }
    for (const [key, declaration] of Object.entries(extension.points)) {
      this.#owners.set(key, { plugin: id, declaration });
      if (declaration.kind !== undefined) this.#kinds.set(declaration.kind, key);
    }
    for (const key of extension.provides) this.#providers.set(key, id);
    for (const key of extension.listens) {
      const listeners = this.#listeners.get(key) ?? new Set();
      this.#listeners.set(key, listeners.add(id));
    }
  }

  remove(id: string): void {
    for (const [key, { plugin, declaration }] of this.#owners) {
      if (plugin !== id) continue;
      this.#owners.delete(key);
      if (declaration.kind !== undefined) this.#kinds.delete(declaration.kind);
    }
    for (const [key, plugin] of this.#providers) if (plugin === id) this.#providers.delete(key);
    for (const listeners of this.#listeners.values()) listeners.delete(id);
  }

  owner(point: string): PointOwner | undefined {
    return this.#owners.get(point);
  }

  /** The point whose owner claims a kind of component. */
  pointOfKind(kind: string): string | undefined {
    return this.#kinds.get(kind);
  }

  provider(service: string): string | undefined {
    return this.#providers.get(service);
  }

  listeners(event: string): ReadonlySet<string> {
    return this.#listeners.get(event) ?? NOBODY;
  }

  /** Whether an event is the gate of a guarded point. */
  isGuard(event: string): boolean {
    return this.#owners.values().some(({ declaration }) => declaration.guarded?.gate === event);
  }

  /** The gates of all guarded points, sorted. */
  gates(): readonly string[] {
    const gates = [...this.#owners.values()].flatMap(({ declaration }) => declaration.guarded?.gate ?? []);
    return [...new Set(gates)].sort();
  }

  #refuse(what: string, key: string, present: string | undefined, id: string): void {
    if (present === undefined || present === id) return;
    throw new CodedError("E_SERVICE_CONFLICT", `\`${id}\` ${what} \`${key}\`, as \`${present}\` does`, {
      hint: `disable one of the two, for example \`plugin disable ${present}\``,
    });
  }
}
