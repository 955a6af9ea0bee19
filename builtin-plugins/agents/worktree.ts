import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import {
  processService,
  workspaceService,
  worktreeDone,
  worktreeWanted,
  type PluginContext,
  type Session,
} from "plugsmith/plugin-api";

/** A copy of the project for one agent. */
export interface Worktree {
  /** Where the agent works: in the copy what the project is in the repository. */
  readonly directory: string;
  /** Removes the copy when nothing was changed in it; otherwise says where the changes are. */
  end(): Promise<string | undefined>;
}

/** A copy as it was made. */
interface Copy {
  readonly parent: Session;
  /** Its top. */
  readonly top: string;
  /** The commit that it began with; absent where it is none of git's. */
  readonly base: string | undefined;
  /** The branch that was made for it; absent where a hook made the copy. */
  readonly branch: string | undefined;
}

/** Variables that would make git speak of another repository. */
const OTHER_REPOSITORY =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|NAMESPACE|(?:ALTERNATE_)?OBJECT_DIRECTOR)/u;

/** Makes copies of the project: by hooks where some do it, else as worktrees of git. */
export class Worktrees {
  readonly #context: PluginContext;

  constructor(context: PluginContext) {
    this.#context = context;
  }

  /** Throws where no copy can be made. */
  async open(parent: Session, agent: string, signal: AbortSignal): Promise<Worktree> {
    const name = `${agent.replaceAll(/[^\w-]+/gu, "-")}-${randomBytes(4).toString("hex")}`;
    const made = await this.#context.emit(worktreeWanted, { session: parent, name }, { signal });
    if (made === undefined) return this.#byGit(parent, agent, name, signal);
    if (!isAbsolute(made.directory) || statSync(made.directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new Error(`the hook that makes worktrees named \`${made.directory}\`, which is no folder`);
    }
    const top = realpathSync(made.directory);
    const base = await this.#git(["rev-parse", "HEAD"], top, signal);
    const copy = { parent, top, base: base.ok ? base.text : undefined, branch: undefined };
    return { directory: top, end: () => this.#end(copy) };
  }

  async #byGit(parent: Session, agent: string, name: string, signal: AbortSignal): Promise<Worktree> {
    const project = parent.projectDirectory;
    const refused = (why: string): Error => new Error(`agent \`${agent}\` cannot work in a worktree: ${why}`);
    if (!(await this.#context.use(workspaceService)).trusted) throw refused(`nobody trusts \`${project}\``);
    const prefix = await this.#git(["rev-parse", "--show-prefix"], project, signal);
    if (!prefix.ok) throw refused(`\`${project}\` is no git repository, and no WorktreeCreate hook makes a copy of it`);
    const base = await this.#git(["rev-parse", "HEAD"], project, signal);
    if (!base.ok) throw refused(`the repository of \`${project}\` has no commit yet`);
    const folder = join(realpathSync(project), ".agents", "worktrees");
    mkdirSync(folder, { recursive: true });
    if (realpathSync(folder) !== folder) throw refused(`\`${folder}\` is reached through a link`);
    const ignored = join(folder, ".gitignore");
    if (!existsSync(ignored)) writeFileSync(ignored, "*\n");
    const [top, branch] = [join(folder, name), `worktree-${name}`];
    const added = await this.#git(["worktree", "add", "--quiet", "-b", branch, top, base.text], project, signal);
    if (!added.ok) throw refused(`git says: ${added.text}`);
    const copy = { parent, top, base: base.text, branch };
    return { directory: join(top, prefix.text), end: () => this.#end(copy) };
  }

  async #end(copy: Copy): Promise<string | undefined> {
    const { parent, top, base, branch } = copy;
    if (!existsSync(top)) return undefined;
    if (await this.#isChanged(copy)) {
      const present = await this.#git(["branch", "--show-current"], top);
      const where = present.ok && present.text !== "" ? ` on the branch \`${present.text}\`` : "";
      const why = base === undefined ? "since nothing says whether it was changed" : "because it has changes";
      return `It worked in the worktree \`${top}\`${where}, which is kept ${why}.`;
    }
    await this.#context.emit(worktreeDone, { session: parent, directory: top });
    if (branch !== undefined) {
      const removed = existsSync(top)
        ? await this.#git(["worktree", "remove", top], parent.projectDirectory)
        : undefined;
      if (removed?.ok === false) this.#context.log.warn(`\`${top}\` was not removed: ${removed.text}`);
      else await this.#git(["branch", "--delete", "--force", branch], parent.projectDirectory);
    }
    return existsSync(top) ? `It worked in the worktree \`${top}\`, which could not be removed.` : undefined;
  }

  /** What cannot be known counts as changed. */
  async #isChanged({ top, base }: Copy): Promise<boolean> {
    if (base === undefined) return true;
    const status = await this.#git(["status", "--porcelain"], top);
    const head = await this.#git(["rev-parse", "HEAD"], top);
    return !status.ok || status.text !== "" || !head.ok || head.text !== base;
  }

  async #git(
    args: readonly string[],
    directory: string,
    signal?: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly text: string }> {
    const { environment } = await this.#context.use(workspaceService);
    const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !OTHER_REPOSITORY.test(name)));
    const process = (await this.#context.use(processService)).start({
      plugin: this.#context.plugin,
      purpose: "worktree of an agent",
      command: "git",
      args,
      directory,
      environment: { ...own, GIT_TERMINAL_PROMPT: "0" },
      stdin: "ignore",
      signal,
    });
    const [out, error]: [Uint8Array[], Uint8Array[]] = [[], []];
    process.onOutput((chunk) => void out.push(chunk));
    process.onErrorOutput((chunk) => void error.push(chunk));
    const { code } = await process.ended;
    signal?.throwIfAborted();
    return {
      ok: code === 0,
      text: Buffer.concat(code === 0 ? out : error)
        .toString("utf8")
        .trim(),
    };
  }
}
