import { CodedError } from "../../schemas/errors.ts";
import { treesOf, type GenerationPlugin } from "../../schemas/generation.ts";
import { listGenerations, readGenerationNumber } from "../generations/generations.ts";
import { currentNumber } from "../generations/state-files.ts";
import type { Home } from "../home.ts";
import type { Services } from "../services.ts";
import type { Store } from "../store/store.ts";
import type { PluginSet, SetMember } from "./compare-sets.ts";
import type { ComparedPlugin } from "./plugin-facts.ts";
import { storedPlugin } from "./read-compared.ts";

/** Two generations by their numbers; 0 is the time before the first one. */
export interface GenerationRange {
  readonly from: number;
  readonly to: number;
}

/** The newest change: the current generation and the one that it was made from. Throws `E_NOT_FOUND` before the first. */
export function lastChange(home: Home): GenerationRange {
  const to = currentNumber(home);
  if (to === 0) throw new CodedError("E_NOT_FOUND", "nothing was changed yet", { hint: "`plugin add` makes a start" });
  return { from: readGenerationNumber(home, to).parent, to };
}

/** The numbers of the generations after `from` up to `to`, oldest first. Throws `E_NOT_FOUND` for what was never there. */
export function generationsBetween(home: Home, { from, to }: GenerationRange): readonly number[] {
  for (const number of [from, to]) if (number !== 0) readGenerationNumber(home, number);
  return listGenerations(home)
    .map(({ number }) => number)
    .filter((number) => number > from && number <= to)
    .reverse();
}

/** The plugins of a generation, of all roots or of one. Throws `E_NOT_FOUND` and `E_STATE_CORRUPT`. */
export function generationSet(number: number, { home, store, services, root }: GenerationSetOptions): PluginSet {
  const generation = number === 0 ? undefined : readGenerationNumber(home, number);
  const roots = Object.entries(generation?.roots ?? {}).filter(([key]) => root === undefined || key === root);
  const members = roots.flatMap(([key, { plugins }]) =>
    plugins.map((plugin) => generationMember(key, plugin, store, services)),
  );
  return { label: `generation ${number}`, members };
}

/** What reading the plugins of a generation needs. */
export interface GenerationSetOptions {
  readonly home: Home;
  readonly store: Store;
  readonly services: Pick<Services, "openTree">;
  /** `user` or the real path of a project; all when absent. */
  readonly root?: string | undefined;
}

/** One plugin of a generation as something to compare. */
export function generationMember(
  root: string,
  plugin: GenerationPlugin,
  store: Store,
  { openTree }: Pick<Services, "openTree">,
): SetMember {
  const { id, version, tree, manifest, enabled, disabledComponents } = plugin;
  return {
    root,
    id,
    version,
    content: [manifest, ...treesOf(plugin)].join(" "),
    enabled,
    disabledComponents,
    open: async (): Promise<ComparedPlugin> => {
      if (store.has(tree)) return storedPlugin(store, plugin, openTree);
      throw new CodedError("E_NOT_FOUND", `the files of \`${id}\` ${version} are not in the store any more`, {
        hint: "`plugin rollback` to that generation fetches them again",
      });
    },
  };
}
