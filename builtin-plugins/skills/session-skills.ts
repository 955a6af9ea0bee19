import { realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import type { LooseFolders, Session } from "plugsmith/plugin-api";
import { Catalog } from "./catalog.ts";
import { GateIndex } from "./gate-index.ts";
import { skillOf, type Skill } from "./skill.ts";

/** Records of a session: skills that a touched file opened, folders whose skills were found by one. */
const OPENED = "plugsmith/skill-opened";
const FOLDER = "plugsmith/skill-folder";
/** Folders below a project whose skills one session knows at most. */
const MAX_FOLDERS = 200;
const SKIPPED: ReadonlySet<string> = new Set(["node_modules", ".git"]);

/** Patterns of the skills below one folder. */
interface Gates {
  readonly base: string;
  readonly index: GateIndex;
}

/** The skills of the host, which all sessions share, with the index of their gates. */
export interface CommonSkills {
  readonly skills: readonly Skill[];
  readonly gates: GateIndex;
}

/** The index of the gates among some skills. */
export function gateIndexOf(skills: readonly Skill[]): GateIndex {
  return new GateIndex(
    skills.flatMap(({ id, contribution: { paths } }) => (paths === undefined ? [] : [{ id, paths }])),
  );
}

/** The skills of one session: those of the host, those that its files brought in, and which gates are open. */
export class SessionSkills {
  readonly #session: Session;
  readonly #folders: LooseFolders | undefined;
  /** Real path of the project. */
  readonly #project: string;
  readonly #opened = new Set<string>();
  readonly #looked = new Set<string>([""]);
  /** By folder, relative to the project. */
  readonly #nested = new Map<string, readonly Skill[]>();
  #common: CommonSkills;
  #catalog: Catalog | undefined;
  #gates: readonly Gates[] | undefined;
  /** Grows whenever what the model may see can have changed. */
  revision = 0;

  constructor(session: Session, common: CommonSkills, folders: LooseFolders | undefined) {
    this.#session = session;
    this.#common = common;
    this.#folders = folders;
    this.#project = realOf(session.projectDirectory) ?? session.projectDirectory;
    for (const ids of session.notes(OPENED)) {
      for (const id of Array.isArray(ids) ? ids : []) this.#opened.add(String(id));
    }
    for (const folder of session.notes(FOLDER)) this.#lookInto(String(folder));
  }

  /** Takes over the skills of the host after they changed. */
  setCommon(skills: CommonSkills): void {
    if (this.#common === skills) return;
    this.#common = skills;
    this.#changed();
  }

  get catalog(): Catalog {
    this.#catalog ??= new Catalog([...this.#common.skills, ...this.#nestedSkills()]);
    return this.#catalog;
  }

  /** Whether no gate hides the skill. */
  isOpen({ id, contribution }: Skill): boolean {
    return contribution.paths === undefined || this.#opened.has(id);
  }

  /** Opens the gates of a file that a tool touched, and finds the skills of the folders above it. */
  touched(file: string): void {
    const real = realOf(file);
    const path = real === undefined ? undefined : below(this.#project, real);
    if (real === undefined || path === undefined) return;
    this.#discover(path);
    const opened: string[] = [];
    this.#gates ??= this.#indexes();
    for (const { base, index } of this.#gates) {
      const inner = base === "" ? path : path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
      for (const id of inner === undefined ? [] : index.opens(inner)) if (!this.#opened.has(id)) opened.push(id);
    }
    if (opened.length === 0) return;
    for (const id of opened) this.#opened.add(id);
    this.#session.note(OPENED, opened);
    this.revision += 1;
  }

  #discover(path: string): void {
    if (this.#folders === undefined) return;
    const segments = path.split("/").slice(0, -1);
    if (segments.some((segment) => SKIPPED.has(segment))) return;
    for (let depth = 1; depth <= segments.length; depth += 1) {
      const folder = segments.slice(0, depth).join("/");
      if (this.#looked.has(folder) || !this.#lookInto(folder)) continue;
      this.#session.note(FOLDER, folder);
      this.#changed();
    }
  }

  /** Says whether the folder has skills that were not known. */
  #lookInto(folder: string): boolean {
    if (this.#folders === undefined || this.#nested.size >= MAX_FOLDERS) return false;
    const present = this.#folders.skillsIn(join(this.#project, folder));
    // Where there is nothing, skills may come while the session lasts.
    if (present.length > 0) this.#looked.add(folder);
    const known = new Set(this.#common.skills.map(fileOf));
    const found = present
      .map((contributed) => ({ contributed, skill: skillOf(contributed) }))
      .filter(({ skill }) => !known.has(fileOf(skill)));
    if (found.length === 0) return false;
    const taken = new Set([...this.#common.skills, ...this.#nestedSkills()].map(({ name }) => name));
    const skills = found.map(({ contributed, skill }) => ({
      ...(taken.has(skill.name) ? skillOf(contributed, `${folder}:`) : skill),
      folder: join(this.#project, folder),
    }));
    this.#nested.set(folder, skills);
    return true;
  }

  #nestedSkills(): readonly Skill[] {
    return [...this.#nested.values()].flat();
  }

  #indexes(): readonly Gates[] {
    const nested = [...this.#nested].map(([base, skills]) => ({ base, index: gateIndexOf(skills) }));
    return [{ base: "", index: this.#common.gates }, ...nested];
  }

  #changed(): void {
    this.#catalog = undefined;
    this.#gates = undefined;
    this.revision += 1;
  }
}

function fileOf({ plugin, contribution }: Skill): string {
  return join(plugin.directory, contribution.file);
}

/** A path below a folder with `/` between its parts; links were followed on both sides. */
function below(folder: string, path: string): string | undefined {
  const inner = relative(folder, path);
  if (inner === "" || inner === ".." || inner.startsWith(`..${sep}`) || isAbsolute(inner)) return undefined;
  return sep === "/" ? inner : inner.replaceAll(sep, "/");
}

/** The real path; `undefined` when nothing is there any more. */
function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
