import { listGenerations } from "../../marketplace/generations/generations.ts";
import { readableCatalogs, problemText } from "../../marketplace/catalog/readable-catalogs.ts";
import { searchEntry } from "../../marketplace/install/entries.ts";
import { installedInfo } from "../../marketplace/install/query.ts";
import { findProjectRoot } from "../../marketplace/lock/project-root.ts";
import type { SitePlugin } from "../../marketplace/site/model.ts";
import { addable, describeEntry, readOffered } from "../../marketplace/site/read-market.ts";
import { installedAsSitePlugin } from "../../marketplace/site/installed-plugin.ts";
import { indexScript } from "../../marketplace/site/render-site.ts";
import { visibleText } from "../../marketplace/site/visible-text.ts";
import { indexEntry } from "../../marketplace/site/views/index-entry.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import { parsePluginId } from "../../schemas/names.ts";
import type { VerbContext } from "../context.ts";
import type { Engine } from "../compose.ts";
import { homeOf } from "../home.ts";
import { shownEntries } from "../policy/hidden-entries.ts";
import { installedHere, type InstalledHere } from "../installed.ts";
import { provisionText } from "../print/amount.ts";
import { stateText } from "../print/list-text.ts";
import { renderDiscover, renderHistory, renderInstalled, renderPlugin, type UiFrame } from "./render-ui.ts";
import type { InstalledRow } from "./views/installed-page.ts";

/** Older versions of a plugin that its page compares; each may have to be fetched. */
const MAX_VERSIONS = 5;

/** What pages are made from. */
export interface PagesOptions {
  readonly context: VerbContext;
  /** Composes an engine for one page, which closes it. */
  readonly compose: () => Promise<Engine>;
  readonly pageToken: string;
}

/** The pages of the local machine, each made from what is there when it is asked for. */
export class Pages {
  readonly #options: PagesOptions;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  /** The generation that is current now. */
  async generation(): Promise<number> {
    const { generation } = await installedHere(this.#options.context);
    return generation?.number ?? 0;
  }

  async installed(): Promise<string> {
    const here = await installedHere(this.#options.context);
    return renderInstalled(this.#frame(here), {
      rows: rowsOf(here),
      project: this.#project(),
      generation: here.generation?.number ?? 0,
      warnings: warningsOf(here.diagnostics),
    });
  }

  async history(): Promise<string> {
    const here = await installedHere(this.#options.context);
    const diagnostics: Diagnostic[] = [];
    const generations = listGenerations(homeOf(this.#options.context.environment), (one) => diagnostics.push(one));
    return renderHistory(this.#frame(here), {
      rows: generations.map(({ number, createdAt, verb, root, current }) => ({
        number,
        when: createdAt,
        verb: visibleText(verb),
        root: visibleText(root),
        isCurrent: current,
      })),
      project: this.#project(),
      warnings: warningsOf(diagnostics),
    });
  }

  async discover(): Promise<string> {
    const here = await installedHere(this.#options.context);
    const { plugins, markets, problems } = await this.#offered();
    const entries = plugins.map((plugin) => indexEntry(plugin, plugin.id));
    return renderDiscover(this.#frame(here), entries, markets, problems);
  }

  /** What the search of `discover` looks through. */
  async index(): Promise<string> {
    const { plugins } = await this.#offered();
    return indexScript({ entries: plugins.map((plugin) => indexEntry(plugin, plugin.id)) });
  }

  /** Throws `E_PLUGIN_UNKNOWN` for what is neither offered nor installed. */
  async plugin(id: string): Promise<string> {
    const parsed = parsePluginId(id);
    if (parsed === undefined) throw unknownPlugin(id);
    const here = await installedHere(this.#options.context);
    const engine = await this.#options.compose();
    try {
      const offered = await offer(engine, parsed.name, parsed.market);
      const plugin = offered?.plugin ?? this.#installedOnly(here, id);
      if (plugin === undefined) throw unknownPlugin(id);
      const places = rowsOf(here).filter((row) => row.id === plugin.id);
      return renderPlugin(this.#frame(here), plugin, places, this.#project(), offered?.source);
    } finally {
      await engine.close();
    }
  }

  #frame({ generation }: InstalledHere): UiFrame {
    const { pageToken, context } = this.#options;
    return { pageToken, generation: generation?.number ?? 0, dryRun: context.options.dryRun };
  }

  #project(): string | undefined {
    const { cwd, environment } = this.#options.context;
    const project = findProjectRoot(cwd, homeOf(environment));
    return project === undefined ? undefined : visibleText(project);
  }

  #installedOnly(here: InstalledHere, id: string): SitePlugin | undefined {
    const place = here.plugins.find(({ plugin }) => plugin.id === id);
    if (place === undefined || here.generation === undefined) return undefined;
    const home = homeOf(this.#options.context.environment);
    return installedAsSitePlugin(installedInfo(home, here.generation, place.root, place.plugin));
  }

  async #offered() {
    const engine = await this.#options.compose();
    try {
      const { snapshots, problems } = await readableCatalogs(engine.catalogs);
      return {
        plugins: snapshots.flatMap((snapshot) =>
          shownEntries(snapshot, engine.policy).map((entry) => describeEntry(snapshot, entry)),
        ),
        markets: snapshots.map(({ market }) => market.name),
        problems: problems.map((problem) => visibleText(problemText(problem))),
      };
    } finally {
      await engine.close();
    }
  }
}

async function offer(
  { catalogs, sources, services }: Engine,
  name: string,
  market: string,
): Promise<{ readonly plugin: SitePlugin; readonly source: string | undefined } | undefined> {
  if (!catalogs.has(market)) return undefined;
  const snapshot = await catalogs.get(market);
  const found = searchEntry(snapshot, name);
  if (found.kind !== "found") return undefined;
  const plugin = await readOffered(snapshot, found.entry, { sources, services, maxVersions: MAX_VERSIONS });
  const { source } = snapshot.market;
  return { plugin, source: addable(source) ?? ("path" in source ? source.path : undefined) };
}

function rowsOf({ plugins }: InstalledHere): readonly InstalledRow[] {
  return plugins.map((place): InstalledRow => {
    const { id, version, scope, provides, tokens, enabled } = place.plugin;
    return {
      id,
      version: visibleText(version),
      scope,
      isEnabled: enabled,
      isBroken: place.state.kind === "broken",
      state: visibleText(stateText(place)),
      provides: provisionText(provides),
      tokens,
      href: `/p/${encodeURIComponent(id)}`,
    };
  });
}

function warningsOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ message, hint }) => visibleText(hint === undefined ? message : `${message}; ${hint}`));
}

function unknownPlugin(id: string): CodedError {
  return new CodedError(
    "E_PLUGIN_UNKNOWN",
    `\`${visibleText(id, 200)}\` is neither installed nor offered by a marketplace`,
    {
      hint: "look for it in Discover",
    },
  );
}
