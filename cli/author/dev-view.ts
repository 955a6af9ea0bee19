import { basename } from "node:path";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import type { RoutedPlugin } from "../../marketplace/author/routing/confusion.ts";
import { stolenTriggers, type StolenTrigger } from "../../marketplace/author/routing/stolen-triggers.ts";
import { readTests } from "../../marketplace/author/routing/test-files.ts";
import { findCollisions } from "../../marketplace/plan/collisions.ts";
import type { PlanCollision, PlanExecutable } from "../../marketplace/plan/plan.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { executables, readPlugin, tokenEstimate } from "../../schemas/formats/index.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { validate } from "../validation-reading.ts";

/** A plugin as it is at one moment: what is wrong with it, and what it would add, shadow, execute and cost. */
export interface DevView {
  readonly manifest: PluginManifest | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly executables: readonly PlanExecutable[];
  readonly collisions: readonly PlanCollision[];
  /** Declared prompts of installed plugins that it would answer. */
  readonly stolen: readonly StolenTrigger[];
  /** Estimate of what every session pays. */
  readonly tokens: number;
}

/** Looks at a plugin in its folder, beside what is installed. */
export function devView(directory: string, shown: string, installed: readonly RoutedPlugin[]): DevView {
  const tree = openDirectoryTree(directory);
  const { manifest } = readPlugin(tree, { fallbackName: basename(directory) });
  const tests = readTests(tree);
  const diagnostics = [...validate(directory, shown, "any").diagnostics, ...tests.diagnostics];
  if (manifest === undefined) return { manifest, diagnostics, executables: [], collisions: [], stolen: [], tokens: 0 };
  const id = manifest.name;
  const others = installed.filter((plugin) => plugin.manifest.name !== id);
  const own: RoutedPlugin = { id, manifest, routing: tests.routing };
  return {
    manifest,
    diagnostics,
    executables: executables(manifest).map(({ kind, name, display }) => ({ id, kind, name, display })),
    collisions: findCollisions([...others, own], new Set([id])),
    stolen: stolenTriggers(others, [...others, own]),
    tokens: tokenEstimate(manifest),
  };
}
