import { closureDigest, type ClosureInput, closureMembers, isProgramFile } from "../../schemas/closure.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { executables, tokenEstimate } from "../../schemas/formats/index.ts";
import { readPackageLock } from "../../schemas/packages/read-package-lock.ts";
import type { Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";
import type { InspectedPlugin, LockedPackages } from "../plan/inspected.ts";
import type { PlanExecutable } from "../plan/plan.ts";

/** How many script files are named one by one before the rest is only counted. */
const MAX_SCRIPTS_NAMED = 5;

/** What reading alone says about a plugin: what it adds, what it can execute, what it costs. */
export function inspect(
  id: string,
  manifest: PluginManifest,
  members: readonly TreeMember[],
  tree: FileTree,
): Pick<InspectedPlugin, "closure" | "executables" | "provides" | "tokens" | "packages"> {
  const provides: Record<string, number> = {};
  for (const contribution of manifest.contributions)
    provides[contribution.kind] = (provides[contribution.kind] ?? 0) + 1;
  const packages = lockedPackages(tree);
  return {
    closure: closureDigest(closureInput(manifest, members, tree, packages)),
    executables: executablesOf(id, manifest, members, packages),
    provides,
    tokens: tokenEstimate(manifest),
    ...(packages === undefined ? {} : { packages }),
  };
}

/** The files that consent to a plugin covers, as its closure has them. */
export function coveredMembers(
  manifest: PluginManifest,
  members: readonly TreeMember[],
  tree: FileTree,
): readonly TreeMember[] {
  return closureMembers(closureInput(manifest, members, tree, lockedPackages(tree)));
}

function closureInput(
  manifest: PluginManifest,
  members: readonly TreeMember[],
  tree: FileTree,
  packages: LockedPackages | undefined,
): ClosureInput {
  const promptCommands = executables(manifest).flatMap(({ kind, name, display }) =>
    kind === "injection" ? [`${name} ${display}`] : [],
  );
  const locksPackages = packages !== undefined && "count" in packages;
  return { members, manifest, promptCommands, locksPackages, textOf: textsOf(tree) };
}

/** Everything of a plugin that can execute, as plans and consent show it; of the scripts that nothing names, `mostScripts` by name. */
export function executablesOf(
  id: string,
  manifest: PluginManifest,
  members: readonly TreeMember[],
  packages: LockedPackages | undefined,
  mostScripts: number = MAX_SCRIPTS_NAMED,
): readonly PlanExecutable[] {
  const facts = executables(manifest);
  const named = new Set(facts.flatMap((fact) => fact.files));
  return [
    ...facts.map(({ kind, name, display }) => ({ id, kind, name, display })),
    ...manifest.contributions.flatMap((contribution) => grantOf(id, contribution)),
    ...scriptsOf(id, members, named, mostScripts),
    ...packagesOf(id, packages),
  ];
}

/** The npm packages that a tree locks; `undefined` when it locks none. */
export function lockedPackages(tree: FileTree): LockedPackages | undefined {
  const reading = readPackageLock(tree);
  if (reading === undefined) return undefined;
  if (reading.kind === "refused") return { problem: reading.problem };
  const { file, packages } = reading.lock;
  return { file, count: packages.length };
}

/** Programs of other authors that come with a plugin. */
function packagesOf(id: string, packages: LockedPackages | undefined): readonly PlanExecutable[] {
  if (packages === undefined || !("count" in packages)) return [];
  const { file, count } = packages;
  const display = count === 1 ? "1 package that it locks" : `${count} packages that it locks`;
  return [{ id, kind: "packages", name: file, display }];
}

function textsOf(tree: FileTree): (path: string) => string | undefined {
  const decoder = new TextDecoder();
  return (path) => {
    const bytes = tree.read(path);
    return bytes && decoder.decode(bytes);
  };
}

/** Tools that a prompt pre-approves for itself. */
function grantOf(id: string, contribution: Contribution): readonly PlanExecutable[] {
  if (contribution.kind !== "skill" && contribution.kind !== "command") return [];
  const tools = contribution.fields["allowedTools"];
  if (!Array.isArray(tools) || tools.length === 0) return [];
  return [
    {
      id,
      kind: "grant",
      name: `${contribution.kind}/${contribution.name}`,
      display: `may use ${tools.map(String).join(", ")}`,
    },
  ];
}

/** Program files that no hook or server names, but that the model can be told to run. */
function scriptsOf(
  id: string,
  members: readonly TreeMember[],
  named: ReadonlySet<string>,
  most: number,
): readonly PlanExecutable[] {
  const scripts = members
    .filter((member) => isProgramFile(member) && !named.has(member.path))
    .map((member) => member.path);
  const listed = scripts.slice(0, most).map((path) => ({ id, kind: "script", name: path, display: path }));
  const rest = scripts.length - listed.length;
  return rest === 0 ? listed : [...listed, { id, kind: "script", name: "…", display: `and ${rest} more script files` }];
}
