import type { Registration } from "../../plugin-api/disposable.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { GuardedContribution } from "../../plugin-api/point.ts";
import { CodedError } from "../../schemas/errors.ts";

/** One contribution as the registry keeps it; `call` stands only at guarded points, once the plugin's code has given it. */
export interface PointEntry {
  readonly plugin: PluginInfo;
  readonly name: string;
  /** The value, of a guarded point the descriptor. */
  readonly value: unknown;
  readonly call: GuardedContribution<unknown, unknown, unknown>["call"] | undefined;
}

/** Who gives a contribution: the manifest of a plugin, or its code. */
export type Giver = "manifest" | "code";

/** What both gave under one name; the code's own is seen where it completes the manifest's with a function. */
type Slot = { readonly [giver in Giver]?: PointEntry };

interface Place {
  /** By plugin id and name. */
  readonly entries: Map<string, Slot>;
  readonly listeners: Set<() => void>;
  sorted: readonly PointEntry[] | undefined;
}

/** The contributions of all points; who owns a point and what it takes is decided by the host. */
export class PointRegistry {
  readonly #places = new Map<string, Place>();
  readonly #changed = new Set<Place>();

  /**
   * Adds a contribution. One of the manifest is completed by the code's own, whichever came first, and comes back when that is
   * disposed. Throws `E_NOT_ANNOUNCED` for a name that the plugin uses twice.
   */
  add(key: string, entry: PointEntry, giver: Giver): Registration {
    const place = this.#place(key);
    const at = entryKey(entry);
    const slot = place.entries.get(at) ?? {};
    if (slot[giver] !== undefined) {
      throw new CodedError(
        "E_NOT_ANNOUNCED",
        `\`${entry.plugin.id}\` contributes \`${entry.name}\` to \`${key}\` twice`,
      );
    }
    place.entries.set(at, { ...slot, [giver]: entry });
    this.#change(place);
    return {
      dispose: () => {
        const { [giver]: present, ...rest } = place.entries.get(at) ?? {};
        if (present !== entry) return;
        if (Object.keys(rest).length === 0) place.entries.delete(at);
        else place.entries.set(at, rest);
        this.#change(place);
      },
    };
  }

  /**
   * Sorted by plugin id, those of one plugin in the order in which they were added; `only` leaves out what others gave, and is the
   * same for every reading of one point.
   */
  all(key: string, only?: Giver): readonly PointEntry[] {
    const place = this.#places.get(key);
    if (place === undefined) return [];
    place.sorted ??= [...place.entries.values()]
      .flatMap((slot) => (only === undefined ? seen(slot) : (slot[only] ?? [])))
      .sort((left, right) => compare(left.plugin.id, right.plugin.id));
    return place.sorted;
  }

  find(key: string, plugin: string, name: string): PointEntry | undefined {
    return seen(this.#places.get(key)?.entries.get(entryKey({ plugin: { id: plugin }, name })) ?? {})[0];
  }

  onChange(key: string, listener: () => void): Registration {
    const { listeners } = this.#place(key);
    listeners.add(listener);
    return { dispose: () => listeners.delete(listener) };
  }

  /** Entries and listeners together; zero after everything was disposed. */
  get size(): number {
    let size = 0;
    for (const { entries, listeners } of this.#places.values()) size += entries.size + listeners.size;
    return size;
  }

  #place(key: string): Place {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { entries: new Map(), listeners: new Set(), sorted: undefined };
      this.#places.set(key, place);
    }
    return place;
  }

  /** Many changes in one go make one call of each listener. */
  #change(place: Place): void {
    place.sorted = undefined;
    if (this.#changed.size === 0) queueMicrotask(() => this.#tell());
    this.#changed.add(place);
  }

  #tell(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const { listeners } of changed) for (const listener of listeners) listener();
  }
}

function seen({ manifest, code }: Slot): readonly PointEntry[] {
  const entry = code?.call === undefined ? (manifest ?? code) : code;
  return entry === undefined ? [] : [entry];
}

function entryKey({ plugin, name }: { readonly plugin: Pick<PluginInfo, "id">; readonly name: string }): string {
  return `${plugin.id}\n${name}`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
