import { CodedError } from "../../schemas/errors.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import type { Generation, GenerationPlugin, RootClosure } from "../../schemas/generation.ts";
import { type OfferedPlugin, offerOf } from "../compare/version-set.ts";
import { requireFetch } from "../install/fetch-policy.ts";
import { inspect } from "../install/inspect.ts";
import { inspectionText } from "../install/inspection-record.ts";
import { leftOut } from "../install/materialize.ts";
import { isMarketplaceRoot } from "../install/plugin-versions.ts";
import { withBundles } from "../mcp-bundles/with-bundles.ts";
import { originOf } from "../plan/build-plan.ts";
import type { ConsentItem } from "../plan/plan.ts";
import type { Services } from "../services.ts";
import type { Offer, OpenedOffer, PluginSources } from "../sources/offer.ts";
import type { Staging } from "../store/staging.ts";
import type { Store } from "../store/store.ts";
import type { TrialState } from "./states.ts";

/** Versions of one plugin to try out, oldest first. */
export interface VersionStates {
  readonly states: readonly TrialState[];
  /** What nobody agreed to yet. */
  readonly consent: readonly ConsentItem[];
  /** Versions that lock npm packages, which are not fetched for a try. */
  readonly withoutPackages: readonly string[];
}

/** The offers from one version up to a later one. Throws `E_PLUGIN_UNKNOWN`, and `E_USAGE` when the second is not later. */
export function offersBetween(plugin: OfferedPlugin, good: string, bad: string): readonly Offer[] {
  const [from, to] = [good, bad].map((version) => plugin.offers.indexOf(offerOf(plugin, version)));
  if (from !== undefined && to !== undefined && to < from) return plugin.offers.slice(to, from + 1).toReversed();
  throw new CodedError("E_USAGE", `\`${bad}\` is not later than \`${good}\``, {
    hint: "`--good` is the earlier version, `--bad` the later one",
  });
}

/** What trying versions out needs. */
export interface VersionStatesOptions {
  readonly services: Services;
  readonly sources: PluginSources;
  /** The one that the versions are put into. */
  readonly store: Store;
  /** What runs beside the plugin. */
  readonly generation: Generation | undefined;
  /** The root that the plugin is put into. */
  readonly root: string;
}

/** Fetches versions, as policy allows, and makes of each the present set with that version in it; what else it would need is not solved. */
export async function versionStates(
  plugin: OfferedPlugin,
  offers: readonly Offer[],
  options: VersionStatesOptions,
): Promise<VersionStates> {
  const { services, sources, store, generation, root } = options;
  const { id, snapshot, entry } = plugin;
  for (const { version, source } of offers) requireFetch(services, { id, version, market: snapshot.market, source });
  services.progress(`fetching ${offers.length} versions of ${id}`);
  const opened = await sources.open(offers.map((offer) => ({ snapshot, entry, offer })));
  const present = generation?.roots[root];
  const old = present?.plugins.find((one) => one.id === id);
  using staging = store.stage(services.signal);
  const staged: StagedVersion[] = [];
  for (const one of opened) {
    const { version } = one.offer;
    const { tree } = await withBundles(
      { id, version, tree: one.tree, entry: one.entry, market: snapshot.market },
      services,
    );
    staged.push(stageVersion(id, { ...one, tree }, old, staging, root, services));
  }
  await staging.publish();
  const states = staged.map(({ plugin: own }): TrialState => {
    const others = (present?.plugins ?? []).filter((one) => one.id !== id);
    const plugins = [...others, own].sort((left, right) => (left.id < right.id ? -1 : 1));
    const closure: RootClosure = { lockDigest: "", plugins };
    return { label: `${id} ${own.version}`, roots: { ...generation?.roots, [root]: closure }, tried: own.tree };
  });
  return {
    states,
    consent: staged.flatMap(({ consent }) =>
      consent === undefined || services.consent.has(id, consent.closure) ? [] : [consent],
    ),
    withoutPackages: staged.flatMap(({ plugin: own }) => (own.packages === undefined ? [] : [own.version])),
  };
}

interface StagedVersion {
  readonly plugin: GenerationPlugin;
  readonly consent: ConsentItem | undefined;
}

function stageVersion(
  id: string,
  { tree, entry, offer }: OpenedOffer,
  old: GenerationPlugin | undefined,
  staging: Staging,
  root: string,
  { openTree, now }: Services,
): StagedVersion {
  const { version, source } = offer;
  const staged = staging.addTree(tree, leftOut(source));
  const content = staged.content ?? openTree(staged.directory);
  const reading = { entry, rootIsMarketplace: isMarketplaceRoot(entry), fallbackName: entry.name };
  const { manifest, diagnostics } = readPlugin(content, reading);
  if (manifest === undefined)
    throw new CodedError("E_MANIFEST", `\`${id}\` ${version}: ${diagnostics[0]?.message ?? "it holds no plugin"}`, {
      hint: "choose `--good` and `--bad` so that it is not between them",
    });
  const digest = staging.addManifest(manifest);
  const inspected = inspect(id, manifest, staged.members, content);
  const record = { ...inspected, bytes: staged.bytes, diagnostics: [], entryDigest: "" };
  staging.addInspection(staged.digest, digest, inspectionText(record));
  const plugin: GenerationPlugin = {
    id,
    version,
    tree: staged.digest,
    manifest: digest,
    format: manifest.format,
    source,
    enabled: true,
    requested: true,
    scope: root === "user" ? "user" : "project",
    disabledComponents: old?.disabledComponents ?? [],
    dependencies: old?.dependencies ?? {},
    consent: inspected.closure,
    provides: inspected.provides,
    tokens: inspected.tokens,
    ...(inspected.packages === undefined ? {} : { packages: { problem: "they are not fetched for a try" } }),
    bytes: staged.bytes,
    installedAt: now().toISOString(),
  };
  const { closure, executables } = inspected;
  const item = { id, version, closure, tree: staged.digest, executables, origin: originOf(plugin) };
  return { plugin, consent: closure === "" ? undefined : item };
}
