import { lstatSync, readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { readSkill } from "../../schemas/formats/components/skills.ts";
import { Findings } from "../../schemas/formats/findings.ts";
import { reportLink, type ReadContext } from "../../schemas/formats/read-context.ts";
import type { SkillContribution } from "../../schemas/plugin-manifest.ts";
import type { SkillIndex, SkillReading } from "./skill-index.ts";

/** The skills below a folder, and links among them that leave the root (paths in the tree). */
export interface FoundSkills {
  readonly skills: readonly SkillContribution[];
  readonly links: readonly string[];
  /** Equal for equal skills: a plain file goes by its times and size, others by what they say. */
  readonly state: string;
}

const MAX_DEPTH = 6;
/** Ten times what clients are advised to look at: some people keep thousands. */
const MAX_DIRECTORIES = 20_000;
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** Reads the skills below `start`, a folder in the tree of `root`; what did not change since comes out of the index. */
export function looseSkills(context: ReadContext, root: string, start: string, index: SkillIndex): FoundSkills {
  const { plain, others } = firstLevel(join(root, start));
  const read = (folder: string, signature: string | undefined): SkillContribution[] => {
    const file = `${root}/${folder}/SKILL.md`;
    const readAnew = (): SkillReading => {
      const findings = new Findings();
      const skill = readSkill({ ...context, findings }, folder);
      return { skill, diagnostics: findings.all() };
    };
    const { skill, diagnostics } = signature === undefined ? readAnew() : index.read(file, signature, readAnew);
    context.findings.include(diagnostics);
    return skill === undefined ? [] : [skill];
  };
  const child = (name: string): string => (start === "" ? name : `${start}/${name}`);
  const found = walk(context, others.map(child), plain.length);
  const deeper = found.folders.flatMap((folder) => read(folder, undefined));
  return {
    skills: [...plain.flatMap(({ name, signature }) => read(child(name), signature)), ...deeper],
    links: found.links,
    state: `${plain.map(({ name, signature }) => `${name} ${signature}\n`).join("")}${JSON.stringify(deeper)}`,
  };
}

interface FirstLevel {
  /** Folders with a plain SKILL.md, which is nearly all there is: looked at without following anything. */
  readonly plain: readonly { readonly name: string; readonly signature: string }[];
  readonly others: readonly string[];
}

function firstLevel(directory: string): FirstLevel {
  const plain: { readonly name: string; readonly signature: string }[] = [];
  const others: string[] = [];
  for (const entry of entriesOf(directory)) {
    const { name } = entry;
    if (SKIPPED.has(name) || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
    const document = entry.isDirectory() ? fileAt(`${directory}/${name}/SKILL.md`) : undefined;
    if (document === undefined || plain.length >= MAX_DIRECTORIES) others.push(name);
    else plain.push({ name, signature: document });
  }
  return { plain, others };
}

/** A folder that cannot be listed is reported by the walk. */
function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** What tells one state of a plain file from another; `undefined` where there is none, or it cannot be looked at. */
function fileAt(path: string): string | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return undefined;
    return `${String(stats.mtimeMs)} ${String(stats.ctimeMs)} ${String(stats.size)} ${String(stats.ino)}`;
  } catch {
    // The walk looks at it again, and says what is wrong.
    return undefined;
  }
}

/** Folders with a SKILL.md among `starts` and below them, at most 6 deep, and links that leave the root. */
function walk(
  context: ReadContext,
  starts: readonly string[],
  before: number,
): { readonly folders: readonly string[]; readonly links: readonly string[] } {
  const { tree } = context;
  const folders: string[] = [];
  const links: string[] = [];
  const seen = new Set<string>();
  const queue: { readonly path: string; readonly depth: number }[] = [];
  const enter = (path: string, depth: number, isLink: boolean): void => {
    if (isLink && tree.stat(path)?.kind === "refused-link") links.push(path);
    else queue.push({ path, depth });
  };
  for (const path of starts) enter(path, 1, true);
  for (const { path, depth } of queue) {
    const real = tree.stat(path)?.path ?? path;
    if (seen.has(real)) continue;
    seen.add(real);
    if (before + seen.size > MAX_DIRECTORIES) {
      const message = `only ${String(MAX_DIRECTORIES)} folders of skills are looked at`;
      const hint = "remove folders that hold no skills";
      context.findings.warn("W_SKILL_UNREACHED", message, { file: path }, { hint });
      break;
    }
    const document = tree.stat(`${path}/SKILL.md`);
    if (document?.kind === "refused-link") reportLink(context, document, "skill");
    if (document?.kind === "file") folders.push(path);
    if (document !== undefined || depth === MAX_DEPTH) continue;
    for (const { name, kind } of tree.list(path) ?? []) {
      if (SKIPPED.has(name) || kind === "file" || kind === "other") continue;
      enter(`${path}/${name}`, depth + 1, kind === "link");
    }
  }
  return { folders, links };
}
