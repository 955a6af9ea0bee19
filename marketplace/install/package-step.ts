import type { GenerationPlugin } from "../../schemas/generation.ts";
import { missingPackages } from "../../schemas/packages/missing-packages.ts";
import { installPackages } from "../packages/install-packages.ts";
import { personalRegistrySettings, type RegistrySettings } from "../packages/registry-settings.ts";
import {
  lacksPackages,
  type UnavailablePackages,
  type WantedPackages,
  wantedPackages,
} from "../packages/wanted-packages.ts";
import type { Plan } from "../plan/plan.ts";
import type { Services } from "../services.ts";
import type { Staging } from "../store/staging.ts";
import type { Change } from "./change.ts";
import type { ResolvedRoot } from "./resolve-root.ts";
import type { RootState } from "./root-state.ts";

/** The npm packages that a verb has to fetch. */
export interface PackagesToFetch {
  readonly packages: readonly (WantedPackages | UnavailablePackages)[];
  readonly settings: () => RegistrySettings;
}

/** Finds the plugins whose npm packages a verb has to fetch, and reads what they are. */
export function packagesToFetch(
  { plugins, inspected }: ResolvedRoot,
  { installed }: RootState,
  { services, change }: { readonly services: Services; readonly change: Change },
  asked: ReadonlySet<string>,
): PackagesToFetch {
  let read: RegistrySettings | undefined;
  const settings = (): RegistrySettings => (read ??= personalRegistrySettings(services.environment));
  const all = change.verb === "sync" || change.verb === "update";
  const packages = plugins.flatMap((plugin) => {
    const own = inspected.get(plugin.id);
    const isAsked = all || asked.has(plugin.id);
    if (own === undefined || !lacksPackages(plugin, own, { old: installed.get(plugin.id), isAsked })) return [];
    return [wantedPackages(own, settings, services)];
  });
  return { packages, settings };
}

/** Fetches them and says where each plugin stands now; a failure is told to the person and is no reason to stop. */
export async function withPackages(
  plugins: readonly GenerationPlugin[],
  { packages, settings }: PackagesToFetch,
  { services, staging }: { readonly services: Services; readonly staging: () => Staging },
): Promise<{
  readonly plugins: readonly GenerationPlugin[];
  readonly findings: Plan["diagnostics"];
  /** Ids of those that have their packages now. */
  readonly fetched: readonly string[];
}> {
  if (packages.length === 0) return { plugins, findings: [], fetched: [] };
  const installed = await installPackages(packages, { services, settings, staging });
  const next = plugins.map((plugin) => {
    const own = installed.get(plugin.id);
    return own === undefined ? plugin : { ...plugin, packages: own };
  });
  const findings = next.flatMap((plugin) =>
    installed.has(plugin.id) ? missingPackages(plugin).map((finding) => ({ ...finding, id: plugin.id })) : [],
  );
  for (const { id, message, hint } of findings)
    services.remark(`\`${id}\`: ${message}${hint === undefined ? "" : `; ${hint}`}`);
  const fetched = [...installed].flatMap(([id, own]) => ("tree" in own ? [id] : []));
  return { plugins: next, findings, fetched };
}
