import { readCurrent } from "../marketplace/generations/generations.ts";
import { homeAt } from "../marketplace/home.ts";
import type { Change, ChangeReport, StrangePlace, Target } from "../marketplace/install/change.ts";
import type { ConsentItem, Plan } from "../marketplace/plan/plan.ts";
import { homeDirectory } from "../core/platform/home-directory.ts";
import type { Generation } from "../schemas/generation.ts";
import { marketplaceArgument } from "./marketplace-argument.ts";
import { compose } from "./compose.ts";
import { refusePlaces } from "./strange-places.ts";

/** How a program uses a Plugsmith home; whatever is left out is that of the `plugin` command. */
export interface OpenOptions {
  /** Absolute path of the home. */
  readonly home?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string | undefined) => void) | undefined;
  /** Receives what went wrong without making a change fail. */
  readonly onRemark?: ((message: string) => void) | undefined;
  /** A person's answer about what can execute; without it every such change throws `E_TRUST`. */
  readonly consent?: ((items: readonly ConsentItem[]) => Promise<boolean>) | undefined;
  /** A person's answer about places that only the files of a project name; without it a change that leads there throws `E_TRUST`. */
  readonly places?: ((project: string, places: readonly StrangePlace[]) => Promise<boolean>) | undefined;
}

/** An open home. */
export interface Plugsmith {
  /** What this machine runs; `undefined` before the first change. */
  readonly current: () => Generation | undefined;
  /** Adds the marketplace that a person names, e.g. `owner/repo`, a git URL or a directory. */
  readonly addMarketplace: (source: string) => Promise<{ readonly name: string }>;
  /** Carries out one change of one root, or only plans it. Throws `CodedError`; then nothing has changed. */
  readonly change: (
    target: Target,
    change: Change,
    options?: {
      readonly dryRun?: boolean | undefined;
      readonly confirm?: ((plan: Plan) => Promise<boolean>) | undefined;
    },
  ) => Promise<ChangeReport>;
  readonly close: () => Promise<void>;
}

/** Opens a home for a program; the caller closes it. */
export async function openPlugsmith(options: OpenOptions = {}): Promise<Plugsmith> {
  const environment = options.environment ?? process.env;
  const home = homeAt(options.home ?? homeDirectory(environment));
  const { consent, places } = options;
  let shown: readonly ConsentItem[] = [];
  const engine = await compose({
    home,
    environment,
    offline: options.offline ?? false,
    signal: options.signal ?? new AbortController().signal,
    progress: options.onProgress ?? (() => undefined),
    remark: options.onRemark ?? (() => undefined),
    now: () => new Date(),
    person: {
      interactive: consent !== undefined,
      accepted: [],
      command: "plugin <verb>",
      detail: "short",
      show: (items) => {
        shown = items;
      },
      ask: async () => consent?.(shown) ?? false,
    },
  });
  return {
    current: () => readCurrent(home),
    addMarketplace: async (argument) => {
      const source = marketplaceArgument(argument, process.cwd());
      const { market } = await engine.catalogs.add(source);
      return { name: market.name };
    },
    change: (target, change, { dryRun = false, confirm = async () => true } = {}) =>
      engine.change(target, change, {
        dryRun,
        confirm,
        allowPlaces: async (project, named) => {
          if ((await places?.(project, named)) !== true) await refusePlaces(project, named);
        },
      }),
    close: engine.close,
  };
}
