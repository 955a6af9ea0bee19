import type { OutsideAnchor } from "../../core/audit/index.ts";
import type { Generation } from "../../schemas/generation.ts";

/** What generations say of the audit log. */
export function generationAnchors(generations: readonly Generation[]): readonly OutsideAnchor[] {
  return generations.map(({ number, audit }) => ({ by: `generation ${String(number)}`, audit }));
}
