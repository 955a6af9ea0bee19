import { homedir } from "node:os";
import { basename, dirname, resolve, sep } from "node:path";
import type { Plugins, Session, Workspace } from "plugsmith/plugin-api";
import type { Base } from "./path-specifier.ts";
import { realPath } from "./real-path.ts";
import type { ToolPath } from "./tool-request.ts";

/** Files that say what may run, or run by themselves: nothing changes them without a person's yes (DESIGN §5.7). */
const CRITICAL_NAMES: ReadonlySet<string> = new Set([".git", ".plugsmith", ".ssh"]);
const CRITICAL_IN_CLAUDE = /^(?:settings(?:\.local)?\.json|hooks|plugins)$/u;
const CRITICAL_IN_PROJECT: ReadonlySet<string> = new Set(["plugins.json", "plugins.lock", ".mcp.json"]);
const CRITICAL_AT_HOME: ReadonlySet<string> = new Set(
  ".bash_login .bash_logout .bash_profile .bashrc .gitconfig .npmrc .profile .zlogin .zprofile .zshenv .zshrc .claude.json".split(
    " ",
  ),
);
const MANAGED = [
  "/etc/plugsmith",
  "/etc/claude-code",
  "/Library/Application Support/Plugsmith",
  "/Library/Application Support/ClaudeCode",
  "C:\\Program Files\\Plugsmith",
  "C:\\Program Files\\ClaudeCode",
];

/** The folders of a session, and the paths that are never changed without a question. */
export class Places {
  readonly #workspace: Workspace | undefined;
  readonly #plugins: Plugins | undefined;
  readonly #added: () => readonly string[];
  /** Folders of Plugsmith and administrators, by name and in truth. */
  readonly #critical: readonly string[];
  readonly #homes: readonly string[];

  constructor(workspace: Workspace | undefined, plugins: Plugins | undefined, added: () => readonly string[]) {
    this.#workspace = workspace;
    this.#plugins = plugins;
    this.#added = added;
    const folders = [...MANAGED, ...(workspace === undefined ? [] : [workspace.plugsmithHome])];
    this.#critical = [...new Set(folders.flatMap((folder) => [folder, realPath(folder)]))];
    this.#homes = [this.home, realPath(this.home)];
  }

  get homeBase(): Base {
    const [path = "", real = ""] = this.#homes;
    return { path, real };
  }

  get home(): string {
    return this.#workspace?.homeDirectory ?? homedir();
  }

  get directory(): string {
    return this.#workspace?.directory ?? this.home;
  }

  /** Where the rules of a session begin. */
  project(session: Session | undefined): string {
    return session?.projectDirectory ?? this.#workspace?.projectDirectory ?? this.directory;
  }

  /** Whether a file lies in the project, the working directory or an added folder. */
  isInside({ real }: Pick<ToolPath, "real">, session: Session | undefined, directory: string): boolean {
    const project = this.project(session);
    const added = this.#added().map((folder) => resolve(project, folder.replace(/^~(?=\/|$)/u, this.home)));
    // An agent in a copy of the project is kept in it.
    const isCopy = this.#workspace === undefined || session?.isIsolated === true;
    const started = isCopy ? [] : [this.#workspace.projectDirectory];
    const own = session?.options.additionalDirectories ?? [];
    return [project, directory, ...started, ...own, ...added].some((folder) => isWithin(real, realPath(folder)));
  }

  /** Whether a file belongs to a loaded plugin, or is one that a built-in keeps for this very session. */
  isOfPlugin({ real }: ToolPath, session: Session | undefined): boolean {
    return (this.#plugins?.all() ?? []).some(({ plugin: { directory, dataDirectory, tier } }) => {
      if (isWithin(real, realPath(directory))) return true;
      if (tier !== "builtin" || session === undefined) return false;
      const data = realPath(dataDirectory);
      return isWithin(real, data) && real.slice(data.length).split(sep).includes(session.id);
    });
  }

  /** Whether changing a path needs a question whatever is allowed. */
  isCritical({ path, real }: Pick<ToolPath, "path" | "real">, session: Session | undefined): boolean {
    return [path, real].some((each) => this.#isCritical(each, this.project(session)));
  }

  #isCritical(path: string, project: string): boolean {
    const parts = path.toLowerCase().split(/[\\/]/u);
    if (parts.some((part) => CRITICAL_NAMES.has(part))) return true;
    const claude = parts.lastIndexOf(".claude");
    if (claude !== -1 && CRITICAL_IN_CLAUDE.test(parts[claude + 1] ?? "")) return true;
    if (this.#critical.some((folder) => isWithin(path, folder))) return true;
    const name = basename(path);
    if (CRITICAL_IN_PROJECT.has(name) && [project, realPath(project)].includes(dirname(path))) return true;
    return CRITICAL_AT_HOME.has(name.toLowerCase()) && this.#homes.includes(dirname(path));
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
