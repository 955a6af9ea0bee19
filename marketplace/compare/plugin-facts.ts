import { tokenEstimate } from "../../schemas/formats/index.ts";
import type { Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import { readExtension } from "../../schemas/plugsmith-extension.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";
import { executablesOf } from "../install/inspect.ts";
import type { LockedPackages } from "../plan/inspected.ts";
import type { ContributionFact, DependencyFact, ExecutableFact } from "./difference.ts";
import type { TextOf } from "./file-differences.ts";

/** One state of a plugin, as far as comparing it to another one needs it. */
export interface ComparedPlugin {
  readonly id: string;
  /** Absent when it would not load. */
  readonly manifest: PluginManifest | undefined;
  readonly members: readonly TreeMember[];
  readonly textOf: TextOf;
  readonly packages: LockedPackages | undefined;
}

/** What a plugin adds, runs, asks for, needs and costs. */
export interface PluginFacts {
  readonly contributions: readonly ContributionFact[];
  /** Every script is named. */
  readonly executables: readonly ExecutableFact[];
  /** Capabilities that it asks for, one a line: `net`, or a key and the value in backticks. */
  readonly capabilities: readonly string[];
  readonly dependencies: readonly DependencyFact[];
  /** Options without which it does not work. */
  readonly requiredOptions: readonly string[];
  /** Always-on estimate. */
  readonly tokens: number;
  /** Sum over its files. */
  readonly bytes: number;
}

/** Reads the facts of a plugin off its manifest and its list of files. */
export function pluginFacts({ id, manifest, members, packages }: ComparedPlugin): PluginFacts {
  const bytes = members.reduce((sum, member) => sum + (member.kind === "file" ? member.bytes : 0), 0);
  if (manifest === undefined) return { ...NOTHING, bytes };
  const { capabilities, contributes, provides } = readExtension(manifest.plugsmith, manifest.name).value;
  const announced = Object.entries(contributes).flatMap(([kind, list]) => list.map(({ name }) => ({ kind, name })));
  return {
    contributions: [
      ...manifest.contributions.map(contributionFact),
      ...announced,
      ...provides.map((name) => ({ kind: "service", name })),
    ],
    executables: executablesOf(id, manifest, members, packages, Number.POSITIVE_INFINITY).map(
      ({ kind, name, display }) => ({ kind, name, display }),
    ),
    capabilities: Object.entries(capabilities).flatMap(([key, value]) =>
      Array.isArray(value) ? value.map((item) => `${key} \`${String(item)}\``) : value === true ? [key] : [],
    ),
    dependencies: manifest.dependencies.map(({ name, market, range }) => ({
      id: market === undefined ? name : `${name}@${market}`,
      range,
    })),
    requiredOptions: Object.entries(manifest.userConfig).flatMap(([key, option]) =>
      option.required && option.default === undefined ? [key] : [],
    ),
    tokens: tokenEstimate(manifest),
    bytes,
  };
}

const NOTHING: PluginFacts = {
  contributions: [],
  executables: [],
  capabilities: [],
  dependencies: [],
  requiredOptions: [],
  tokens: 0,
  bytes: 0,
};

function contributionFact(contribution: Contribution): ContributionFact {
  const { kind } = contribution;
  if (kind !== "hook") return { kind, name: contribution.name };
  const { event, matcher } = contribution;
  return { kind, name: matcher === undefined || matcher === "" ? event : `${event}(${matcher})` };
}
