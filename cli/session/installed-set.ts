import { join } from "node:path";
import { enabledSet } from "../../core/discover/enabled-set.ts";
import { installedPlugins, type InstalledPluginsOptions } from "../../core/discover/installed-plugins.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import type { Policy } from "../../core/settings/policy-documents.ts";
import { openConsentStore } from "../../core/trust/consent-store.ts";
import { readRegistry } from "../../marketplace/catalog/registry.ts";
import { asKnown } from "../../marketplace/catalog/record.ts";
import { holdCurrent } from "../../marketplace/generations/hold-current.ts";
import type { HeldLease } from "../../marketplace/generations/lease.ts";
import type { Home } from "../../marketplace/home.ts";
import { IndexFile } from "../../marketplace/store/index-file.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import { runTree } from "../../schemas/generation.ts";
import { CHANGED_HINT, type InstalledTrees } from "./installed-trees.ts";

/** What an installed set is read with. */
export interface InstalledSetOptions extends Pick<InstalledPluginsOptions, "optionsOf" | "load"> {
  readonly home: Home;
  /** Real path of the session's directory. */
  readonly directory: string;
  readonly policy: Policy;
  readonly trees: InstalledTrees;
}

/** The plugins of one generation, which stay on disk while the lease is held. */
export interface InstalledSet {
  readonly plugins: readonly HostPlugin[];
  /** Where each comes from, by id. */
  readonly sources: ReadonlyMap<string, LockedSource>;
  readonly diagnostics: readonly Diagnostic[];
  readonly lease: HeldLease | undefined;
}

/** Reads what is installed for a session in a directory, and keeps it there: the caller disposes the lease. */
export async function readInstalledSet(options: InstalledSetOptions): Promise<InstalledSet> {
  const { home, directory } = options;
  const diagnostics: Diagnostic[] = [];
  const held = holdCurrent(home, (diagnostic) => diagnostics.push(diagnostic));
  if (held === undefined) return { plugins: [], sources: new Map(), diagnostics, lease: undefined };
  const { generation, lease } = held;
  const { index } = new IndexFile(home.index);
  const consents = openConsentStore(join(home.state, "consent.json"), () => new Date());
  const enabled = await enabledSet(generation, directory);
  const mayWait = options.policy.decide({ kind: "flag", name: "unverified-load" }, "load").allowed;
  const plugins = installedPlugins(enabled, {
    dataRoot: home.data,
    treeDirectory: (tree) => join(home.trees, tree),
    readManifest: ({ id, manifest: digest }) => {
      const manifest = index.manifest(digest);
      if (manifest !== undefined && manifest !== "damaged") return manifest;
      const what = manifest === undefined ? "is missing" : "was changed";
      throw new CodedError("E_STATE_CORRUPT", `the stored manifest of \`${id}\` ${what}`, {
        hint: "run `plugin sync` to fetch the plugin again",
      });
    },
    denial: await denialBy(options.policy, home),
    problem: (plugin) => {
      const tree = runTree(plugin);
      const message = mayWait ? options.trees.problemOf(tree) : options.trees.verify(tree);
      return message === undefined ? undefined : { message, hint: CHANGED_HINT };
    },
    consented: (id, closure) => consents.has(id, closure),
    optionsOf: options.optionsOf,
    load: options.load,
  });
  const active = enabled.filter(({ state }) => state.kind === "on");
  return {
    plugins,
    sources: new Map(active.map(({ plugin }) => [plugin.id, plugin.source])),
    diagnostics: [...diagnostics, ...consents.diagnostics()],
    lease,
  };
}

/** Why policy forbids a plugin today; without a policy nothing is asked. */
async function denialBy({ documents, decide }: Policy, home: Home): Promise<InstalledPluginsOptions["denial"]> {
  if (documents.length === 0) return () => undefined;
  const records = readRegistry(home.marketplaces);
  const { InstalledDenials } = await import("../policy/installed-denial.ts");
  const denials = new InstalledDenials({
    home,
    decide,
    marketOf: (name) => {
      const record = records.get(name);
      return record === undefined ? undefined : asKnown(record);
    },
  });
  return (installed, manifest) => {
    const denial = denials.of(installed, manifest);
    return denial === undefined ? undefined : `${denial.reason} (\`${denial.rule.key}\` in ${denial.rule.file})`;
  };
}
