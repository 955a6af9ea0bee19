import lt from "semver/functions/lt.js";
import valid from "semver/functions/valid.js";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { LockedLauncher } from "../../schemas/launchers/launcher-lock.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { PluginDifference } from "../compare/difference.ts";
import type { sinceAccepted } from "../compare/since-accepted.ts";
import type { Services } from "../services.ts";
import { type MovedTag, movedTag, movedTagText } from "./moved-tag.ts";
import { type KnownIds, nearNameNotes } from "./near-names.ts";
import { launcherExecutables, plannedLaunchers } from "./planned-launchers.ts";
import { plannedTools } from "./planned-tools.ts";
import type { InspectedPlugin } from "./inspected.ts";
import { shortestChains } from "./graph.ts";
import { findCollisions } from "./collisions.ts";
import type { ConsentItem, Plan, PlanPackages, PlanStep, Scope } from "./plan.ts";

/** What a plan is computed from: the set before, the set after, and how it came about. */
export interface PlanInput {
  readonly verb: string;
  readonly scope: Scope;
  readonly root: string;
  readonly before: ReadonlyMap<string, GenerationPlugin>;
  readonly after: ReadonlyMap<string, GenerationPlugin>;
  readonly inspected: ReadonlyMap<string, InspectedPlugin>;
  /** Ids the person asked for in this verb; they are shown even when they stay as they are. */
  readonly asked: ReadonlySet<string>;
  readonly cycles: readonly (readonly string[])[];
  readonly packages: readonly PlanPackages[];
  /** What the commands of all plugins are locked to, by `launcherKey`. */
  readonly lockedLaunchers: ReadonlyMap<string, LockedLauncher>;
  readonly notes: readonly string[];
  /** Plugins beside the installed ones that a person may take another one for. */
  readonly knownIds: () => Omit<KnownIds, "installed">;
  readonly accepted: (id: string, closure: string) => boolean;
  readonly lastAccepted: Services["consent"]["last"];
  /** Where the lock that this verb found takes a plugin from; `undefined` when going back to where it was is no surprise. */
  readonly lockedSource: (id: string) => LockedSource | undefined;
  /** What other agents will hold, given the plugins that change. */
  readonly agents: (touched: ReadonlySet<string>) => Plan["agents"];
  /** What other scanners found in plugins that change. */
  readonly reported: (plugins: readonly InspectedPlugin[]) => Plan["diagnostics"];
  /** How a plugin differs from what was accepted of it; `undefined` when that is not known any more. */
  readonly since: ReturnType<typeof sinceAccepted>;
  /** How a plugin differs from what it was before; `undefined` when those files are not there any more. */
  readonly difference: (before: GenerationPlugin, plugin: InspectedPlugin) => PluginDifference | undefined;
}

/** Compares two sets of plugins and says what going from one to the other means. */
export function buildPlan(input: PlanInput): Plan {
  const { before, after, inspected } = input;
  const steps: PlanStep[] = [];
  const why = { before: chainsOf(before), after: chainsOf(after) };
  for (const id of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    steps.push(...stepsOf(id, input, why));
  }
  const touched = new Set(steps.filter((step) => step.action !== "keep").map((step) => step.id));
  const enabled = [...after.values()].filter((plugin) => plugin.enabled);
  const named = enabled.flatMap(({ id }) => {
    const plugin = inspected.get(id);
    return plugin === undefined ? [] : [{ id, manifest: plugin.manifest }];
  });
  const arriving = enabled.filter(({ id, tree, manifest }) => {
    const old = before.get(id);
    return old === undefined || !old.enabled || old.tree !== tree || old.manifest !== manifest;
  });
  const newTrees = new Map(
    [...after.values()].flatMap(({ id, tree, bytes }) => (inspected.get(id)?.existed === false ? [[tree, bytes]] : [])),
  );
  return {
    verb: input.verb,
    scope: input.scope,
    root: input.root,
    steps,
    differences: differences(steps, input),
    collisions: findCollisions(named, touched),
    executables: arriving.flatMap(({ id }) => inspected.get(id)?.executables ?? []),
    consent: [...after.values()].flatMap((plugin) => consentItem(plugin, input) ?? []),
    packages: input.packages,
    launchers: [...after.values()].flatMap((plugin) => plannedLaunchers(plugin, input)),
    tools: [...after.values()].flatMap((plugin) => plannedTools(plugin, before.get(plugin.id))),
    cycles: input.cycles.filter((cycle) => cycle.some((id) => touched.has(id))),
    tokensDelta: sumTokens(after.values()) - sumTokens(before.values()),
    bytesDelta: [...newTrees.values()].reduce((sum, bytes) => sum + bytes, 0),
    diagnostics: [
      ...[...touched].flatMap((id) =>
        (inspected.get(id)?.diagnostics ?? []).map((diagnostic) => ({ ...diagnostic, id })),
      ),
      ...input.reported([...touched].flatMap((id) => inspected.get(id) ?? [])),
    ],
    agents: input.agents(touched),
    notes: [
      ...input.notes,
      ...[...after.values()].flatMap((plugin) => movedNote(plugin, input)),
      ...steps.flatMap((step) => emptyNote(step, inspected.get(step.id))),
      ...nearNotes(steps, input),
    ],
  };
}

/** More plugins than this are not compared: reading them would take longer than anybody looks. */
const MAX_COMPARED = 100;

function differences(steps: readonly PlanStep[], { before, inspected, difference }: PlanInput): Plan["differences"] {
  const others = steps.filter(({ action }) => action === "update" || action === "downgrade" || action === "reinstall");
  return others.slice(0, MAX_COMPARED).flatMap(({ id }) => {
    const [old, plugin] = [before.get(id), inspected.get(id)];
    const found = old === undefined || plugin === undefined ? undefined : difference(old, plugin);
    return found === undefined ? [] : [{ id, difference: found }];
  });
}

function chainsOf(plugins: PlanInput["before"]): ReturnType<typeof shortestChains> {
  const requested = [...plugins.values()].filter((plugin) => plugin.requested).map((plugin) => plugin.id);
  return shortestChains(plugins, requested);
}

/** What becomes of one plugin: one step, or two when some of its components are switched on and others off. */
function stepsOf(
  id: string,
  { before, after, asked, inspected }: PlanInput,
  why: Readonly<Record<"before" | "after", ReturnType<typeof shortestChains>>>,
): readonly PlanStep[] {
  const old = before.get(id);
  const next = after.get(id);
  const shown = next ?? old;
  if (shown === undefined) return [];
  const step = (action: PlanStep["action"], components: readonly string[] = []): PlanStep => ({
    id,
    action,
    ...(old === undefined ? {} : { from: old.version }),
    ...(next === undefined ? {} : { to: next.version, source: next.source, tree: next.tree }),
    why: why[next === undefined ? "before" : "after"](id),
    ...(components.length === 0 ? {} : { components }),
    bytes: inspected.get(id)?.existed === false ? shown.bytes : 0,
    provides: shown.provides,
    tokens: shown.tokens,
  });
  const action = actionOf(old, next);
  if (action !== "keep") return [step(action)];
  const [on, off] = switchedComponents(old, next);
  const switched = [
    ...(on.length === 0 ? [] : [step("enable", on)]),
    ...(off.length === 0 ? [] : [step("disable", off)]),
  ];
  return switched.length > 0 || !asked.has(id) ? switched : [step("keep")];
}

function actionOf(old: GenerationPlugin | undefined, next: GenerationPlugin | undefined): PlanStep["action"] {
  if (next === undefined) return "remove";
  if (old === undefined) return "install";
  if (old.version !== next.version) return isLower(next.version, old.version) ? "downgrade" : "update";
  if (old.tree !== next.tree || old.manifest !== next.manifest) return "reinstall";
  if (old.enabled !== next.enabled) return next.enabled ? "enable" : "disable";
  return "keep";
}

/** Components that alone are switched on and off, sorted. */
function switchedComponents(
  old: GenerationPlugin | undefined,
  next: GenerationPlugin | undefined,
): readonly [on: readonly string[], off: readonly string[]] {
  const [before, after] = [new Set(old?.disabledComponents), new Set(next?.disabledComponents)];
  return [[...before.difference(after)].sort(), [...after.difference(before)].sort()];
}

function isLower(left: string, right: string): boolean {
  return valid(left) !== null && valid(right) !== null && lt(left, right);
}

/** A plugin in which nothing was found is installed as asked, but said to be what it is. */
function emptyNote({ id, action }: PlanStep, plugin: InspectedPlugin | undefined): readonly string[] {
  if ((action !== "install" && action !== "update") || plugin === undefined) return [];
  const { manifest, executables, dependencies } = plugin;
  const isUsed =
    manifest.contributions.length + manifest.channels.length + executables.length > 0 ||
    Object.keys(manifest.settings).length + Object.keys(dependencies).length > 0;
  return isUsed ? [] : [`\`${id}\` adds nothing: no skill, command, agent, hook or server was found in it`];
}

function nearNotes(steps: readonly PlanStep[], { before, knownIds }: PlanInput): readonly string[] {
  const arriving = steps.filter(({ action }) => action === "install").map(({ id }) => id);
  return arriving.length === 0 ? [] : nearNameNotes(arriving, { installed: before.keys(), ...knownIds() });
}

/** The tag that brings other files than before. */
function movedTagOf({ id, source, tree }: GenerationPlugin, { before, lockedSource }: PlanInput): MovedTag | undefined {
  return before.get(id)?.tree === tree ? undefined : movedTag(lockedSource(id), source);
}

function movedNote(plugin: GenerationPlugin, input: PlanInput): readonly string[] {
  const moved = movedTagOf(plugin, input);
  return moved === undefined ? [] : [`\`${plugin.id}\`: ${movedTagText(moved)}`];
}

function consentItem(plugin: GenerationPlugin, input: PlanInput): ConsentItem | undefined {
  const { inspected, accepted, lastAccepted } = input;
  const details = inspected.get(plugin.id);
  if (details === undefined) return undefined;
  const moved = movedTagOf(plugin, input);
  const isNew = plugin.enabled && plugin.consent !== "" && !accepted(plugin.id, plugin.consent);
  if (!isNew && moved === undefined) return undefined;
  const previous = lastAccepted(plugin.id);
  const { tree, manifest } = previous ?? {};
  const since = tree === undefined ? undefined : input.since({ tree, manifest }, details);
  return {
    id: plugin.id,
    version: plugin.version,
    closure: plugin.consent === "" ? plugin.tree : plugin.consent,
    tree: plugin.tree,
    manifest: plugin.manifest,
    ...(previous !== undefined && { previous: previous.closure }),
    ...(since !== undefined && { since }),
    executables: [...details.executables, ...launcherExecutables(plugin.id, details, input.lockedLaunchers)],
    origin: originOf(plugin),
    ...(moved !== undefined && { moved }),
  };
}

/** Where a plugin's bytes come from, in one line. */
export function originOf({ source }: Pick<GenerationPlugin, "source">): string {
  switch (source.kind) {
    case "git":
      return `${source.url}${source.path === "" ? "" : ` ${source.path}`} at ${source.tag ?? source.commit.slice(0, 12)}`;
    case "directory":
      return source.path;
    case "npm":
      return `npm ${source.package}@${source.version}${source.registry === undefined ? "" : ` from ${new URL(source.registry).host}`}`;
    case "archive":
      return source.url;
    case "command":
      return `what \`${source.command}\` printed`;
    default:
      return source satisfies never;
  }
}

function sumTokens(plugins: Iterable<GenerationPlugin>): number {
  let sum = 0;
  for (const plugin of plugins) if (plugin.enabled) sum += plugin.tokens;
  return sum;
}
