import { join } from "node:path";
import { loadSettings } from "../core/settings/load-settings.ts";
import { openWorkspaceTrust } from "../core/trust/workspace-trust.ts";
import { openWorkspace } from "../core/trust/workspace.ts";
import type { Home } from "../marketplace/home.ts";
import type { OfferedMarket } from "../marketplace/services.ts";
import { isCodedError } from "../schemas/errors.ts";
import { canonicalSource } from "../schemas/identity.ts";
import { parseMarketplaceSource } from "../schemas/marketplace-source.ts";
import type { PolicyDocument } from "../schemas/policy.ts";
import { homeDirectoryOf } from "./home.ts";

/** Where offers are looked for. */
export interface OfferPlaces {
  readonly home: Home;
  readonly documents: readonly PolicyDocument[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly now: () => Date;
  /** Told of an offer that cannot be used. */
  readonly remark: (message: string) => void;
}

/** In files that other agents read as well, under the name that they had first. */
const KEYS = ["extraKnownMarketplaces", "additionalMarketplaces"];

/**
 * `extraKnownMarketplaces` of administrators, then of a project that a person trusts, then of the person (formats.md §8.1): the first
 * one that has a name says what it is. Nothing is added by this.
 */
export function offeredMarkets(places: OfferPlaces): ReadonlyMap<string, OfferedMarket> {
  const { home, documents, environment, directory, now, remark } = places;
  const offered = new Map<string, OfferedMarket>();
  for (const { file, extraKnownMarketplaces } of documents)
    for (const [name, { source }] of Object.entries(extraKnownMarketplaces))
      if (!offered.has(name)) offered.set(name, { ...canonicalSource(source), where: file });
  const workspace = openWorkspace({
    directory,
    homeDirectory: homeDirectoryOf(environment),
    plugsmithHome: home.directory,
    environment,
    trust: openWorkspaceTrust(join(home.state, "trust.json"), now),
    trustedForThisRun: false,
  });
  for (const { file, values } of loadSettings({ workspace, flags: [], managed: [] }).files) {
    for (const [name, value] of KEYS.flatMap((key) => Object.entries(values[key] ?? {}))) {
      if (offered.has(name)) continue;
      try {
        offered.set(name, { ...canonicalSource(parseMarketplaceSource(value)), where: file });
      } catch (error) {
        if (!isCodedError(error)) throw error;
        remark(`the marketplace \`${name}\` in \`${file}\` is not usable: ${error.message}`);
      }
    }
  }
  return offered;
}
