/** What decides which package comes next; smaller comes first, by rank, then by count, then by id. */
export interface Priority {
  readonly rank: number;
  readonly count: number;
}

interface Place extends Priority {
  readonly id: string;
}

/** A binary heap of packages; a package that is put again moves to its new place. */
export class DecisionQueue {
  readonly #heap: Place[] = [];
  readonly #current = new Map<string, Place>();

  /** Sets the priority of a package. */
  put(id: string, { rank, count }: Priority): void {
    const place = { id, rank, count };
    this.#current.set(id, place);
    this.#heap.push(place);
    let at = this.#heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes a package out. */
  remove(id: string): void {
    this.#current.delete(id);
  }

  /** The first package, which stays where it is. */
  first(): string | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#current.get(top.id) === top) return top.id;
      this.#dropFirst();
    }
    return undefined;
  }

  #dropFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = left + 1 < this.#heap.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (least >= this.#heap.length || !this.#isBefore(least, at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    if (a === undefined || b === undefined) return false;
    return (a.rank - b.rank || a.count - b.count || (a.id < b.id ? -1 : 1)) < 0;
  }

  #swap(left: number, right: number): void {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    if (a !== undefined && b !== undefined) [this.#heap[left], this.#heap[right]] = [b, a];
  }
}
