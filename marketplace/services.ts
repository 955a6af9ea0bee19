import type { AcceptedClosure, Audit, Exclusively, LoadCandidate } from "plugsmith/plugin-api";
import type { Diagnostic } from "../schemas/diagnostic.ts";
import type { FileTree } from "../schemas/formats/file-tree.ts";
import type { Decide, RulePlace } from "../schemas/policy.ts";
import type { AgeException, MinimumAge } from "../schemas/policy-age.ts";
import type { GivenSubject } from "../schemas/policy-required.ts";
import type { MarketplaceSource } from "../schemas/source-spec.ts";
import type { Home } from "./home.ts";
import type { ImageRegistries } from "./images/image-registries.ts";
import type { Packages } from "./packages/packages.ts";
import type { ConsentItem } from "./plan/plan.ts";
import type { CommandSources } from "./sources/command-sources.ts";
import type { SourceRewrites } from "./sources/source-rewrites.ts";

/** Tells a watching person what is going on; `undefined` clears the line. */
export type Progress = (message: string | undefined) => void;

/** A person's earlier and present answers about what may execute (DESIGN §5.3). */
export interface Consent {
  /** Whether this closure digest of this plugin identity was accepted before. */
  has(id: string, closure: string): boolean;
  /** The closure digest that was accepted last for this id, with those of its tree and manifest, for the diff; `undefined` when none. */
  last(id: string): Omit<AcceptedClosure, "id" | "version"> | undefined;
  /** The rule by which an administrator said yes to exactly this, so that nobody is asked. */
  givenBy(subject: GivenSubject): RulePlace | undefined;
  /**
   * Asks for everything that is not yet accepted in one question. Resolves to `refused` for a no;
   * throws `E_TRUST` when nobody can be asked, with the `--accept` line as hint.
   */
  ask(items: readonly ConsentItem[]): Promise<"granted" | "refused">;
  /** Records accepted digests; called inside the commit. */
  record(items: readonly ConsentItem[]): void;
}

/** A marketplace that somebody's settings name, to be added when something is wanted from it. */
export interface OfferedMarket {
  readonly source: MarketplaceSource;
  readonly identity: string;
  /** The file that names it. */
  readonly where: string;
}

/** What the composition root hands to every marketplace verb. */
export interface Services {
  readonly home: Home;
  readonly openTree: (directory: string) => FileTree;
  readonly decide: Decide;
  readonly consent: Consent;
  readonly audit: Audit;
  readonly exclusively: Exclusively;
  readonly checkLoad: (candidates: readonly LoadCandidate[]) => readonly (readonly Diagnostic[])[];
  readonly progress: Progress;
  /** Tells the person something that went wrong without making the verb fail. */
  readonly remark: (message: string) => void;
  readonly offline: boolean;
  /** Registries of packages, for what commands of plugins download and start. */
  readonly packages: Pick<Packages, "document" | "tarballs">;
  /** Registries of container images, likewise. */
  readonly images: Pick<ImageRegistries, "digestOf" | "announcedDigestOf">;
  readonly rewrites: Pick<SourceRewrites, "web">;
  /** Runs what brings a plugin, for which somebody has said yes. */
  readonly commands: Pick<CommandSources, "run">;
  /** By name. */
  readonly offeredMarkets: () => Promise<ReadonlyMap<string, OfferedMarket>>;
  /** How old a release has to be before it is used, of a plugin where one is named. */
  readonly minimumAge: (id?: string) => Pick<MinimumAge, "ms"> | undefined;
  /** Why releases of a plugin may be younger than others. */
  readonly ageException: (id: string) => AgeException | undefined;
  /** Plugins that policy requires and those that are built in: names that a person trusts. */
  readonly knownIds: () => { readonly required: readonly string[]; readonly builtin: readonly string[] };
  /** The person's environment, which says where the settings of their package manager lie. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}
