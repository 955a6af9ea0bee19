import { join } from "node:path";
import { openAudit } from "../core/audit/index.ts";
import { checkLoad } from "../core/load/check-load.ts";
import { openDirectoryTree } from "../core/platform/disk-file-tree.ts";
import { holdHome } from "../core/platform/home-mutex.ts";
import { readManagedFiles, type ManagedFile } from "../core/platform/managed-files.ts";
import { loadPolicy, type Policy } from "../core/settings/policy-documents.ts";
import { openConsentStore } from "../core/trust/consent-store.ts";
import type { Agents } from "../marketplace/agents/agents.ts";
import { concernsAgents } from "../marketplace/agents/programs.ts";
import type { Machine } from "../marketplace/agents/target.ts";
import { catalogAt } from "../marketplace/catalog/catalog-at.ts";
import { Catalogs } from "../marketplace/catalog/catalogs.ts";
import type { CatalogSnapshot } from "../marketplace/catalog/snapshot.ts";
import { readCurrent } from "../marketplace/generations/generations.ts";
import type { Home } from "../marketplace/home.ts";
import type { Change, ChangeReport, Interaction, Target } from "../marketplace/install/change.ts";
import { runChange } from "../marketplace/install/run-change.ts";
import { ImageRegistries } from "../marketplace/images/image-registries.ts";
import { Packages } from "../marketplace/packages/packages.ts";
import type { Progress, Services } from "../marketplace/services.ts";
import type { PluginSources } from "../marketplace/sources/offer.ts";
import { checkPublicAddress } from "../marketplace/archives/download-archive.ts";
import { ArchiveSources } from "../marketplace/sources/archive-sources.ts";
import { CommandSources } from "../marketplace/sources/command-sources.ts";
import { Lineages } from "../marketplace/sources/lineage.ts";
import { NpmSources } from "../marketplace/sources/npm-sources.ts";
import { RepositorySources } from "../marketplace/sources/plugin-sources.ts";
import { Repositories } from "../marketplace/sources/repositories.ts";
import { SourceRewrites } from "../marketplace/sources/source-rewrites.ts";
import { SourceMemory } from "../marketplace/sources/source-memory.ts";
import { SourceSet } from "../marketplace/sources/source-set.ts";
import type { Diagnostic } from "../schemas/diagnostic.ts";
import { isCodedError } from "../schemas/errors.ts";
import { ageExceptionOf, demandsAge, minimumAgeOf, type MinimumAge } from "../schemas/policy-age.ts";
import { requiredPlugins } from "../schemas/policy-required.ts";
import { homeDirectoryOf } from "./home.ts";
import type { MarketplaceSource } from "../schemas/source-spec.ts";
import { BUILTIN_IDS } from "./builtin-ids.ts";
import { consentOf, type Person } from "./consent.ts";
import { installedIds } from "./installed-ids.ts";
import { askAboutSources } from "./replaced-source.ts";
import { VERSION } from "./version.ts";

/** How long a verb waits for another process to leave the home. */
const MUTEX_DEADLINE_MS = 120_000;

/** What the two halves of Plugsmith are joined with. */
export interface ComposeOptions {
  readonly home: Home;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the person works; npm settings that lie there are told of and not used. */
  readonly directory?: string | undefined;
  readonly offline: boolean;
  /** Whether repositories that are seen for the first time are remembered; true unless a dry run says otherwise. */
  readonly remembers?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly remark: (message: string) => void;
  readonly now: () => Date;
  readonly person: Person;
  /** Where policy is read; default, and for every person, the fixed places of this machine. */
  readonly managedFiles?: (() => readonly ManagedFile[]) | undefined;
}

/** Marketplace and core, joined: everything a verb can do beyond reading the current generation. */
export interface Engine {
  readonly services: Services;
  readonly catalogs: Catalogs;
  /** Reads a catalog that need not be added; local paths are absolute. */
  readonly catalogAt: (source: MarketplaceSource) => Promise<CatalogSnapshot>;
  readonly sources: PluginSources;
  readonly change: (target: Target, change: Change, interaction: Interaction) => Promise<ChangeReport>;
  /** Other agents; `undefined` where there is none and none was given anything, unless they were named; `PLUGSMITH_AGENTS=off` leaves all alone. */
  readonly agents: (named?: boolean) => Promise<Agents | undefined>;
  /** The managed policy; what is wrong with it stands in its documents, and is closed already. */
  readonly policy: Policy;
  /** What a person should know about how their git configuration was used. */
  readonly notes: () => readonly Diagnostic[];
  readonly close: () => Promise<void>;
}

/** Hands core's abilities to marketplace as values; the caller closes the engine. */
export async function compose(options: ComposeOptions): Promise<Engine> {
  const { home, environment, offline, signal, progress, remark, now } = options;
  const policy = await loadPolicy((options.managedFiles ?? readManagedFiles)());
  const audit = openAudit(home.audit, now, { anchored: () => readCurrent(home)?.audit ?? [] });
  const held = holdHome(home.mutex, {
    deadlineMs: MUTEX_DEADLINE_MS,
    signal,
    onWait: (holder) =>
      progress(`waiting for another plugin process${holder === undefined ? "" : ` (${String(holder)})`}`),
  });
  const minimumAge = (id?: string): MinimumAge | undefined => minimumAgeOf(policy.documents, id);
  const rewrites = new SourceRewrites(policy.documents);
  const packages = new Packages({
    rewrites,
    cache: home.packageCache,
    environment,
    directory: options.directory,
    offline,
    whole: () => demandsAge(policy.documents),
    signal,
    progress,
    remark,
  });
  const images = new ImageRegistries({ environment, rewrites, offline, progress });
  const commands = new CommandSources({ openTree: openDirectoryTree, environment, signal, progress });
  const services: Services = {
    home,
    openTree: openDirectoryTree,
    decide: policy.decide,
    consent: consentOf(openConsentStore(join(home.state, "consent.json"), now), options.person, policy.documents),
    audit,
    exclusively: held,
    checkLoad: (candidates) => checkLoad(candidates, { ...host(environment), isInstalled: () => true }),
    progress,
    remark,
    offline,
    packages,
    images,
    rewrites,
    commands,
    offeredMarkets: async () => {
      const { offeredMarkets } = await import("./offered-markets.ts");
      const { documents } = policy;
      const directory = options.directory ?? process.cwd();
      return offeredMarkets({ home, documents, environment, directory, now, remark });
    },
    minimumAge,
    ageException: (id) => ageExceptionOf(policy.documents, id),
    knownIds: () => ({
      required: requiredPlugins(policy.documents).map(({ id }) => id),
      builtin: BUILTIN_IDS,
    }),
    environment,
    now,
    signal,
  };
  const git = { directory: home.gitCache, environment: { ...environment }, offline, signal };
  const memory = new SourceMemory({ directory: home.sources, keeps: options.remembers !== false, now });
  const lineages = new Lineages({ memory, audit, ask: askAboutSources(options.person) });
  const repositories = new Repositories(git, rewrites, lineages);
  const sources = new SourceSet({
    repositories: new RepositorySources({ repositories, openTree: openDirectoryTree, offline, progress }),
    archives: new ArchiveSources({
      cache: home.packageCache,
      offline,
      signal,
      progress,
      checkAddress: checkPublicAddress,
      rewrites,
    }),
    packages: new NpmSources({ packages, minimumAge, now, remark }),
    commands,
  });
  const catalogsOptions = {
    directory: home.marketplaces,
    repositories,
    packages,
    rewrites,
    openTree: openDirectoryTree,
    decide: policy.decide,
    audit,
    exclusively: held,
    offline,
    now,
    signal,
    progress,
    isInstalled: (name: string, market: string) => installedIds(home).has(`${name}@${market}`),
  };
  const catalogs = new Catalogs(catalogsOptions);
  return {
    services,
    catalogs,
    catalogAt: (source) => catalogAt(source, catalogsOptions),
    sources,
    change: (target, change, interaction) => {
      const root = target.directory ?? "user";
      const isInstalled = (id: string): boolean =>
        readCurrent(home)?.roots[root]?.plugins.some((plugin) => plugin.id === id && plugin.enabled) === true;
      const own: Services = {
        ...services,
        checkLoad: (candidates) => checkLoad(candidates, { ...host(environment), isInstalled }),
      };
      return runChange(own, catalogs, sources, target, change, interaction);
    },
    agents: async (named = false) => {
      const machine: Machine = { environment, homeDirectory: homeDirectoryOf(environment) };
      if (!named && (environment["PLUGSMITH_AGENTS"] === "off" || !concernsAgents(home, machine))) return undefined;
      const { agentsOf } = await import("./agents.ts");
      return agentsOf({ home, machine, signal, onWait: progress });
    },
    policy,
    notes: () => [...repositories.notes(), ...rewrites.notes()],
    close: async () => {
      await sources.close();
      try {
        audit.seal();
      } catch (error) {
        // What the verb did is done; that its segment has no end is told here and by `plugin audit verify`.
        if (!isCodedError(error)) throw error;
        remark(`the audit log has no end: ${error.message}`);
      }
    },
  };
}

function host(environment: ComposeOptions["environment"]) {
  return { version: VERSION, searchPath: environment["PATH"] ?? "" };
}
