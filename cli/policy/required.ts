import { readCurrent } from "../../marketplace/generations/generations.ts";
import type { Home } from "../../marketplace/home.ts";
import { loadIntent } from "../../marketplace/lock/root-files.ts";
import type { Plan } from "../../marketplace/plan/plan.ts";
import { splitId } from "../../marketplace/install/ids.ts";
import { type CodedError, isCodedError } from "../../schemas/errors.ts";
import { isAsRuled, requiredPlugins, type RequiredPlugin } from "../../schemas/policy-required.ts";
import type { PolicyDocument } from "../../schemas/policy.ts";
import type { Engine } from "../compose.ts";
import { refusePlaces } from "../strange-places.ts";

/** What became of a plugin that policy requires and that was not here. */
export interface Brought {
  readonly plugin: RequiredPlugin;
  /** Why it is not here now. */
  readonly error?: CodedError | undefined;
}

/** How plugins are brought. */
export interface BringOptions {
  readonly dryRun: boolean;
  /** Shows what is about to happen. */
  readonly show: (plan: Plan) => void;
}

/** The plugins that policy requires and the person's root has not, or not as the rules want them. */
export function missingRequired(home: Home, documents: readonly PolicyDocument[]): readonly RequiredPlugin[] {
  const required = requiredPlugins(documents);
  if (required.length === 0) return [];
  const wanted = wantedIds(home);
  const installed = new Map(readCurrent(home)?.roots["user"]?.plugins.map((plugin) => [plugin.id, plugin]));
  return required.filter(({ id }) => {
    const plugin = installed.get(id);
    return plugin?.enabled !== true || wanted?.has(id) === false || !isAsRuled(documents, plugin);
  });
}

/** What stands in the person's `plugins.json`, which they may have edited; `undefined` where it cannot be read, which other verbs tell. */
function wantedIds(home: Home): ReadonlySet<string> | undefined {
  try {
    return new Set(Object.keys(loadIntent(home.intent).value.plugins));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}

/** Installs for the person what policy requires, one after the other, so that one which cannot be had keeps no other away. */
export async function bringRequired(
  { change }: Pick<Engine, "change">,
  missing: readonly RequiredPlugin[],
  { dryRun, show }: BringOptions,
): Promise<readonly Brought[]> {
  const brought: Brought[] = [];
  for (const plugin of missing) {
    const { name, market } = splitId(plugin.id);
    const request = { kind: "named", name, market, range: plugin.range, enabled: true } as const;
    const confirm = (plan: Plan): Promise<boolean> => {
      show(plan);
      return Promise.resolve(true);
    };
    try {
      await change(
        { scope: "user" },
        { verb: "add", requests: [request] },
        { dryRun, confirm, allowPlaces: refusePlaces },
      );
      brought.push({ plugin });
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
      brought.push({ plugin, error });
    }
  }
  return brought;
}
