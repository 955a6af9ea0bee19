import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Session, Workspace } from "plugsmith/plugin-api";
import { importsOf, withoutComments } from "./instruction-text.ts";
import type { Instruction } from "./instruction.ts";

const PROJECT_NAMES = ["AGENTS.md", "CLAUDE.md", ".claude/CLAUDE.md"];
const LOCAL_NAME = "CLAUDE.local.md";
const MAX_FILE_CHARACTERS = 40_000;
const MAX_TOTAL_CHARACTERS = 200_000;
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_IMPORT_DEPTH = 5;

type Kind = Instruction["kind"];

/** Finds files of instructions on disk. What cannot be used is left out with a warning. */
export class InstructionFiles {
  readonly #workspace: Workspace;
  readonly #warn: (message: string) => void;

  constructor(workspace: Workspace, warn: (message: string) => void) {
    this.#workspace = workspace;
    this.#warn = warn;
  }

  /** The person's, then those from the top of the project down to the working directory. */
  ofSession(session: Session): readonly Instruction[] {
    const { homeDirectory, plugsmithHome } = this.#workspace;
    const top = this.#top(session);
    const reading = new Reading(homeDirectory, this.#warn);
    for (const file of [join(plugsmithHome, "AGENTS.md"), join(homeDirectory, ".claude/CLAUDE.md")]) {
      reading.add(file, "user", homeDirectory);
    }
    for (const folder of foldersDown(top, session.projectDirectory)) ofFolder(reading, folder, top);
    return reading.found;
  }

  /** Those of the folders between the project and files that were touched. */
  below(session: Session, touched: readonly string[]): readonly Instruction[] {
    const top = this.#top(session);
    const folders = new Set(touched.flatMap((file) => foldersDown(top, dirname(file))));
    for (const known of foldersDown(top, session.projectDirectory)) folders.delete(known);
    const reading = new Reading(this.#workspace.homeDirectory, this.#warn);
    for (const folder of [...folders].sort()) ofFolder(reading, folder, top);
    return reading.found;
  }

  /** A copy of the project brings its own. */
  #top({ isIsolated, projectDirectory }: Session): string {
    return isIsolated === true ? projectDirectory : this.#workspace.projectDirectory;
  }
}

function ofFolder(reading: Reading, folder: string, top: string): void {
  for (const name of PROJECT_NAMES) reading.add(join(folder, name), "project", top);
  reading.add(join(folder, LOCAL_NAME), "local", top);
}

/** From a folder down to one in it; nothing for one outside. */
function foldersDown(top: string, folder: string): readonly string[] {
  const inside = relative(top, folder);
  if (inside.startsWith("..")) return [];
  const folders = [top];
  for (const name of inside.split(sep)) if (name !== "") folders.push(join(folders.at(-1) ?? top, name));
  return folders;
}

/** One reading of several files: none twice, all within a limit. */
class Reading {
  readonly found: Instruction[] = [];
  readonly #home: string;
  readonly #warn: (message: string) => void;
  readonly #seen = new Set<string>();
  #characters = 0;

  constructor(home: string, warn: (message: string) => void) {
    this.#home = home;
    this.#warn = warn;
  }

  /** Adds a file that is there, and what it imports; nothing of it may lie outside `root`. */
  add(file: string, kind: Kind, root: string, parent?: string, depth = 0): void {
    const real = realFile(file);
    if (real === undefined) {
      if (parent !== undefined) this.#warn(`\`${parent}\` imports \`${file}\`, which is not there`);
      return;
    }
    // A person may keep the file itself wherever they like.
    const isFree = kind === "user" && parent === undefined;
    if (!isFree && !isBelow(real, realpathSync(root))) {
      this.#warn(`\`${parent ?? file}\` leads to \`${real}\`, outside \`${root}\`; it is left out`);
      return;
    }
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    const text = this.#text(real);
    if (text === undefined) return;
    const { paths, isAll } = importsOf(text);
    // One that only imports has nothing of its own to say.
    if (!isAll) this.found.push({ file: real, kind, text, ...(parent !== undefined && { parent }) });
    for (const name of paths) {
      if (depth === MAX_IMPORT_DEPTH) {
        this.#warn(`\`${real}\` imports \`${name}\` more than ${MAX_IMPORT_DEPTH} files deep; it is left out`);
        continue;
      }
      const target = name.startsWith("~/") ? join(this.#home, name.slice(2)) : resolve(dirname(real), name);
      this.add(target, kind, root, real, depth + 1);
    }
  }

  #text(file: string): string | undefined {
    if (statSync(file).size > MAX_FILE_BYTES) {
      this.#warn(`\`${file}\` is larger than 1 MB; it is left out`);
      return undefined;
    }
    const text = withoutComments(readFileSync(file, "utf8").replace(/^\uFEFF/u, "")).trim();
    if (text === "") return undefined;
    const limit = Math.min(MAX_FILE_CHARACTERS, MAX_TOTAL_CHARACTERS - this.#characters);
    if (limit <= 0) {
      this.#warn(`\`${file}\` is left out: the instructions before it have ${MAX_TOTAL_CHARACTERS} characters already`);
      return undefined;
    }
    this.#characters += Math.min(text.length, limit);
    if (text.length <= limit) return text;
    this.#warn(`\`${file}\` has ${String(text.length)} characters; only the first ${String(limit)} are used`);
    return `${text.slice(0, limit)}\n… (the rest of ${file} is left out because it is too long)`;
  }
}

function isBelow(file: string, folder: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The real path of a regular file; `undefined` for anything else. */
function realFile(file: string): string | undefined {
  try {
    const real = realpathSync(file);
    return statSync(real).isFile() ? real : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
