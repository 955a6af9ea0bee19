import type { SkillContribution } from "../../plugin-manifest.ts";
import { SKILL_FIELDS } from "../../skill.ts";
import { locatedValue } from "../json-file.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { nodeOf, reportLink } from "../read-context.ts";
import { baseName, isFile, joinTreePath } from "../tree-path.ts";
import { descriptionOf, injectionsOf, readDocument } from "./document.ts";
import { readHookEvents } from "./hooks.ts";

/** Reads the skills of several folders; a folder holding SKILL.md is one skill, otherwise each child holding one is. */
export function readSkills(context: ReadContext, requests: readonly PathRequest[]): readonly SkillContribution[] {
  const skills: SkillContribution[] = [];
  const seen = new Set<string>();
  const missed: string[] = [];
  for (const request of requests) {
    const node = nodeOf(context, request, "skill");
    if (node === undefined) continue;
    if (node.kind === "file") {
      if (request.declared !== undefined) {
        const { text, where } = request.declared;
        context.findings.error("E_SCHEMA", `skill path \`${text}\` is a file, not a folder`, where, {
          hint: "name the folder that holds SKILL.md",
          dropped: "skill",
        });
      }
      continue;
    }
    for (const directory of skillFolders(context, request.path, missed)) {
      const real = context.tree.stat(directory)?.path ?? directory;
      if (seen.has(real)) continue;
      seen.add(real);
      const skill = readSkill(context, directory, directory === request.path);
      if (skill !== undefined) skills.push(skill);
    }
  }
  if (requests.every(({ declared }) => declared === undefined)) reportMissed(context, missed);
  return skills;
}

/** Names files that look like skills and lie where none is read; who lists skills one by one leaves them out on purpose. */
function reportMissed(context: ReadContext, missed: readonly string[]): void {
  for (const file of missed) {
    const message = `\`${file}\` is not read: a skill is a file \`SKILL.md\` one folder below`;
    context.findings.warn(
      "W_SKILL_UNREACHED",
      message,
      { file },
      { hint: "move or rename it, or name its folder in `skills`" },
    );
  }
}

/** The folders below a path that hold SKILL.md; adds to `missed` what only looks like it. */
function skillFolders(context: ReadContext, path: string, missed: string[]): readonly string[] {
  const { tree } = context;
  const own = tree.stat(joinTreePath(path, "SKILL.md"));
  if (own?.kind === "file") return [path];
  if (own?.kind === "refused-link") reportLink(context, own, "skill");
  const folders: string[] = [];
  for (const { name, kind } of tree.list(path) ?? []) {
    if (kind === "file" || kind === "other") continue;
    const child = joinTreePath(path, name);
    if (kind === "link") {
      const node = tree.stat(child);
      if (node?.kind === "refused-link") reportLink(context, node, "skill");
      if (node?.kind !== "directory") continue;
    }
    const document = tree.stat(joinTreePath(child, "SKILL.md"));
    if (document?.kind === "file") folders.push(child);
    else if (document?.kind === "refused-link") reportLink(context, document, "skill");
    else missed.push(...lookalikes(context, child));
  }
  return folders;
}

function lookalikes(context: ReadContext, directory: string): readonly string[] {
  return (context.tree.list(directory) ?? []).flatMap(({ name, kind }) => {
    const path = joinTreePath(directory, name);
    if (kind === "file") return /^skill\.md$/i.test(name) ? [path] : [];
    const deeper = joinTreePath(path, "SKILL.md");
    return kind === "directory" && isFile(context.tree, deeper) ? [deeper] : [];
  });
}

/**
 * Reads one skill folder. Below a folder of skills its name is the folder's; where the path itself is the skill it is what
 * the skill calls itself, else the folder's or, at the root, the plugin's. `fields.name` keeps what it calls itself.
 */
export function readSkill(
  context: ReadContext,
  directory: string,
  isPathItself: boolean = directory === "",
): SkillContribution | undefined {
  const file = joinTreePath(directory, "SKILL.md");
  const document = readDocument(context, file, SKILL_FIELDS, "skill");
  if (document === undefined) return undefined;
  const { fields, matter } = document;
  const folder = directory === "" ? context.plugin : baseName(directory);
  const name = invocable((isPathItself ? ownName(fields, context.plugin) : undefined) ?? folder);
  const { hooks: rawHooks, paths, whenToUse, ...rest } = fields;
  const hooks =
    rawHooks === undefined
      ? undefined
      : readHookEvents(context, locatedValue(rawHooks, { file, ...matter.locate("hooks") }), {
          file,
          ...matter.locate("hooks"),
        });
  const injections = injectionsOf(matter.body);
  return {
    kind: "skill",
    name,
    path: directory,
    file,
    description: descriptionOf(context, document, file),
    ...(typeof whenToUse === "string" && { whenToUse }),
    fields: { ...rest, ...(whenToUse !== undefined && { whenToUse }), ...(paths !== undefined && { paths }) },
    modelInvocable: fields["disableModelInvocation"] !== true,
    userInvocable: fields["userInvocable"] !== false,
    ...(Array.isArray(paths) && { paths: paths.map(String) }),
    ...(hooks !== undefined && hooks.length > 0 && { hooks }),
    ...(injections.length > 0 && { injections }),
  };
}

/** The name that the skill gives itself, without the plugin's namespace. */
function ownName({ name }: Readonly<Record<string, unknown>>, plugin: string): string | undefined {
  if (typeof name !== "string") return undefined;
  const own = name.startsWith(`${plugin}:`) ? name.slice(plugin.length + 1) : name;
  return own === "" ? undefined : own;
}

/** What a person can type: everything but letters, digits, `_` and `-` becomes `-`. */
function invocable(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "-");
}
