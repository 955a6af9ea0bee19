import type { Contributed, GuardedHandle, InvokeOptions, PointReader } from "../../plugin-api/point.ts";
import type { PointDeclaration } from "../../schemas/plugsmith-extension.ts";
import type { GuardedCalls } from "./guarded-calls.ts";
import type { PointEntry, PointRegistry } from "./point-registry.ts";

type Item = Contributed<unknown> | GuardedHandle<unknown, unknown, unknown>;

/** What readers of a point get: values, or handles without the function behind them. */
export function pointReader(
  key: string,
  declaration: PointDeclaration,
  points: PointRegistry,
  guarded: GuardedCalls,
): PointReader<Item> {
  const guard = declaration.guarded;
  const itemOf = (entry: PointEntry): Item => {
    const { plugin, name, value } = entry;
    if (guard === undefined) return { plugin, name, value };
    const invoke = (input: unknown, options: InvokeOptions) => guarded.invoke(key, guard, entry, input, options);
    return { plugin, name, descriptor: value, invoke };
  };
  let seen: readonly PointEntry[] | undefined;
  let items: readonly Item[] = [];
  return {
    all: () => {
      // Components come from manifests, where a person sees them in the plan before they run.
      const present = points.all(key, declaration.kind === undefined ? undefined : "manifest");
      if (present !== seen) items = present.map(itemOf);
      seen = present;
      return items;
    },
    onChange: (listener) => points.onChange(key, listener),
  };
}
