import { isProgramFile } from "../../../schemas/closure.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import type { PluginManifest } from "../../../schemas/plugin-manifest.ts";
import type { TreeMember } from "../../../schemas/tree-digest.ts";
import type { ContributionFact } from "../../compare/difference.ts";
import { pluginFacts } from "../../compare/plugin-facts.ts";
import { textsOf } from "../../compare/read-compared.ts";
import { inspect, lockedPackages } from "../../install/inspect.ts";

/** How much a release changes. */
export type Level = "major" | "minor" | "patch";

/** What a release asks for at least, and why; the reasons of that level come first. */
export interface Bump {
  readonly level: Level;
  readonly reasons: readonly string[];
}

/** One state of a plugin. */
export interface PluginState {
  readonly manifest: PluginManifest;
  readonly tree: FileTree;
  readonly members: readonly TreeMember[];
}

/**
 * What a change from one state to another asks for: `major` when something that people use is gone or wants more of them, `minor`
 * when something is new that is used, runs or may do more, else `patch`.
 */
export function bumpBetween(before: PluginState, after: PluginState): Bump {
  const [old, now] = [factsOf(before), factsOf(after)];
  const major = [
    ...missing(old.components, now.components).map((name) => `${name} is gone`),
    ...missing(now.required, old.required).map((name) => `option \`${name}\` is required`),
    ...(old.name === now.name ? [] : [`\`${old.name}\` is called \`${now.name}\``]),
  ];
  const minor = [
    ...missing(now.components, old.components).map((name) => `${name} is new`),
    ...missing(now.commands, old.commands).map((command) => `it runs ${command}`),
    ...missing(now.programs, old.programs).map((path) => `program \`${path}\` is new`),
    ...missing(now.capabilities, old.capabilities).map((grant) => `it asks for ${grant}`),
    ...missing(now.dependencies, old.dependencies).map((name) => `it needs ${name}`),
  ];
  const patch = old.closure === now.closure ? ["texts"] : ["code, or files that code names"];
  if (major.length > 0) return { level: "major", reasons: [...major, ...minor] };
  return minor.length > 0 ? { level: "minor", reasons: minor } : { level: "patch", reasons: patch };
}

interface Facts {
  readonly name: string;
  readonly components: ReadonlySet<string>;
  readonly commands: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  readonly capabilities: ReadonlySet<string>;
  readonly dependencies: ReadonlySet<string>;
  /** Options without which it does not work. */
  readonly required: ReadonlySet<string>;
  readonly closure: string;
}

function factsOf({ manifest, tree, members }: PluginState): Facts {
  const { name } = manifest;
  const facts = pluginFacts({ id: name, manifest, members, textOf: textsOf(tree), packages: lockedPackages(tree) });
  return {
    name,
    components: new Set(facts.contributions.map(componentName)),
    commands: new Set(
      facts.executables.flatMap(({ kind, display }) =>
        kind === "script" ? [] : [kind === "entry" ? "code of its own" : `\`${display}\``],
      ),
    ),
    programs: new Set(members.filter(isProgramFile).map(({ path }) => path)),
    capabilities: new Set(facts.capabilities),
    dependencies: new Set(manifest.dependencies.map((dependency) => `\`${dependency.name}\``)),
    required: new Set(facts.requiredOptions),
    closure: inspect(name, manifest, members, tree).closure,
  };
}

/** What is announced at a point has the name of the point for its kind, which holds a slash. */
function componentName({ kind, name }: ContributionFact): string {
  if (kind.includes("/")) return `\`${name}\` of ${kind}`;
  return kind === "hook" ? `hook on \`${name}\`` : `${kind} \`${name}\``;
}

function missing(from: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] {
  return [...from].filter((item) => !others.has(item));
}
