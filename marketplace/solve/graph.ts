/** What a selected package needs, by id; packages that are not selected may be named. */
export type Needs = (id: string) => readonly string[];

/** The packages that `roots` reach by `needs`, sorted. */
export function reachable(roots: readonly string[], needs: Needs): readonly string[] {
  const met = new Set(roots);
  for (const id of met) for (const next of needs(id)) met.add(next);
  return [...met].sort();
}

/** The groups of packages that need each other (Tarjan's strongly connected components), a package that needs itself included. */
export function cycles(ids: readonly string[], needs: Needs): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const found: string[][] = [];

  for (const root of ids) {
    if (order.has(root)) continue;
    const stack: { readonly id: string; readonly rest: string[] }[] = [];
    const enter = (id: string): void => {
      order.set(id, order.size);
      lowest.set(id, order.get(id) ?? 0);
      path.push(id);
      onPath.add(id);
      stack.push({ id, rest: [...needs(id)] });
    };
    const lower = (id: string, to: number | undefined): void => {
      lowest.set(id, Math.min(lowest.get(id) ?? 0, to ?? 0));
    };
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop();
      if (next !== undefined) {
        if (!order.has(next)) enter(next);
        else if (onPath.has(next)) lower(top.id, order.get(next));
        continue;
      }
      stack.pop();
      const parent = stack.at(-1);
      if (parent !== undefined) lower(parent.id, lowest.get(top.id));
      if (lowest.get(top.id) !== order.get(top.id)) continue;
      const group = path.splice(path.indexOf(top.id));
      for (const id of group) onPath.delete(id);
      if (group.length > 1 || needs(top.id).includes(top.id)) found.push(group.sort());
    }
  }
  return found.sort(([a = ""], [b = ""]) => (a < b ? -1 : a > b ? 1 : 0));
}
