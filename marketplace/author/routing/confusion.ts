import type { Placed } from "../../../schemas/read-plugin-tests.ts";
import type { PluginManifest } from "../../../schemas/plugin-manifest.ts";
import type { RoutingCase } from "../../../schemas/plugin-tests.ts";
import { Ranker, type Candidate } from "./ranker.ts";
import { listedName, listedNameOf } from "./skill-names.ts";

/** A plugin of a set, with what it says about its prompts. */
export interface RoutedPlugin {
  readonly id: string;
  readonly manifest: PluginManifest;
  readonly routing: readonly Placed<RoutingCase>[];
}

/** One prompt, who should answer it and who does; skills as `plugin:skill`, `none` for none. */
export interface Routed {
  readonly plugin: string;
  readonly prompt: string;
  readonly expected: string;
  readonly got: string;
  /** The next best. */
  readonly second?: string | undefined;
  readonly ok: boolean;
  readonly file: string;
  readonly line: number;
}

/** One row of the matrix: what should have been chosen, how often it was, and what else was chosen instead. */
export interface ConfusionRow {
  readonly expected: string;
  readonly right: number;
  /** Skill, or `none` → prompts. */
  readonly wrong: Readonly<Record<string, number>>;
}

const NONE = "none";

/** Asks for every declared prompt of a set of plugins which skill of the set answers it. */
export function routeAll(plugins: readonly RoutedPlugin[]): readonly Routed[] {
  const ranker = new Ranker(plugins.flatMap((plugin) => candidatesOf(plugin)));
  return plugins.flatMap(({ id, manifest, routing }) =>
    routing.map(({ prompt, fires, file, line }): Routed => {
      const [first, second] = ranker.rank(prompt).map(({ candidate }) => candidate);
      const got = first === undefined ? NONE : first.label;
      const expected = fires === NONE ? NONE : (listedNameOf(manifest, fires) ?? `${fires} (no skill of the plugin)`);
      // A plugin that wants none of its own does not mind another's.
      const ok = fires === NONE ? first?.plugin !== id : first?.plugin === id && got === expected;
      return { plugin: id, prompt, expected, got, second: second?.label, ok, file, line };
    }),
  );
}

/** Counts by what was expected, sorted by that; cells without a prompt are left out. */
export function confusion(routed: readonly Routed[]): readonly ConfusionRow[] {
  return [...Map.groupBy(routed, ({ expected }) => expected)]
    .map(([expected, ones]): ConfusionRow => {
      const wrong = Map.groupBy(
        ones.filter(({ ok }) => !ok),
        ({ got }) => got,
      );
      return {
        expected,
        right: ones.filter(({ ok }) => ok).length,
        wrong: Object.fromEntries([...wrong].map(([got, all]) => [got, all.length])),
      };
    })
    .sort((left, right) => (left.expected < right.expected ? -1 : 1));
}

interface LabelledCandidate extends Candidate {
  /** `plugin:skill`. */
  readonly label: string;
}

/** The skills of a plugin that a model may choose. */
function candidatesOf({ id, manifest }: RoutedPlugin): readonly LabelledCandidate[] {
  return manifest.contributions.flatMap((contribution) =>
    contribution.kind === "skill" && contribution.modelInvocable
      ? [
          {
            plugin: id,
            name: contribution.name,
            description: contribution.description,
            whenToUse: contribution.whenToUse,
            label: listedName(manifest.name, contribution),
          },
        ]
      : [],
  );
}
