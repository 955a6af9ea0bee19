import { CodedError } from "../../schemas/errors.ts";

/** One node and those that come before it. */
export interface OrderNode {
  readonly id: string;
  readonly after: Iterable<string>;
}

/**
 * Ids so that everything comes after what it names, equals by id. Names without a node are passed over. A circle throws `E_ORDER`,
 * or with `cycles: "allow"` is cut at its member with the smallest id.
 */
export function ordered(
  nodes: readonly OrderNode[],
  options: { readonly cycles: "allow" | "refuse" },
): readonly string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const state = new Map<string, "open" | "done">();
  const result: string[] = [];
  const visit = (id: string, path: readonly string[]): void => {
    const node = byId.get(id);
    if (node === undefined || state.get(id) === "done") return;
    if (state.get(id) === "open") {
      if (options.cycles === "allow") return;
      const circle = [...path.slice(path.indexOf(id)), id].map((member) => `\`${member}\``).join(", then ");
      throw new CodedError("E_ORDER", `plugins ask to come after each other in a circle: ${circle}`, {
        hint: "one of them has to drop its `before` or `after`",
      });
    }
    state.set(id, "open");
    for (const before of [...node.after].sort()) visit(before, [...path, id]);
    state.set(id, "done");
    result.push(id);
  };
  for (const id of [...byId.keys()].sort()) visit(id, []);
  return result;
}
