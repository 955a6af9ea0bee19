import { basename, join } from "node:path";
import type { Home } from "../../marketplace/home.ts";
import { IndexFile } from "../../marketplace/store/index-file.ts";
import { verifyTree } from "../../marketplace/store/tree-verdict.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import { CodedError } from "../../schemas/errors.ts";
import { isDigest, type Digest } from "../../schemas/lockfile.ts";

/** What to do about files that are not what was installed. */
export const CHANGED_HINT = "`plugin verify` shows all that differs, `plugin sync` fetches the plugin again";

/**
 * Holds installed plugins to their digests before something of them is executed for the first time: every file of a tree is hashed
 * then, once a host, and never while it boots. What changes later in the same session is not noticed.
 */
export class InstalledTrees {
  readonly #home: Pick<Home, "trees" | "index">;
  readonly #broken: (plugin: PluginInfo, message: string) => void;
  readonly #sound = new Set<Digest>();
  readonly #unsound = new Set<Digest>();

  /** `broken` is told of each plugin that is refused. */
  constructor(home: Pick<Home, "trees" | "index">, broken: (plugin: PluginInfo, message: string) => void) {
    this.#home = home;
    this.#broken = broken;
  }

  /** Throws `E_INTEGRITY` for an installed plugin whose files are not those that were installed. */
  require(plugin: PluginInfo): void {
    if (plugin.tier !== "installed") return;
    const tree = basename(plugin.directory);
    if (!isDigest(tree)) return;
    const message = this.verify(tree);
    if (message === undefined) return;
    this.#broken(plugin, message);
    throw new CodedError("E_INTEGRITY", `\`${plugin.id}\` is not what was installed: ${message}`, {
      hint: CHANGED_HINT,
      where: plugin.directory,
    });
  }

  /** What is wrong with a tree; one that was sound before is not hashed again. */
  verify(tree: Digest): string | undefined {
    return this.#sound.has(tree) ? undefined : this.#check(tree);
  }

  /** What is still wrong with a tree that was refused before; other trees are not looked at. */
  problemOf(tree: Digest): string | undefined {
    return this.#unsound.has(tree) ? this.#check(tree) : undefined;
  }

  #check(tree: Digest): string | undefined {
    const { index } = new IndexFile(this.#home.index);
    const { problems } = verifyTree(tree, join(this.#home.trees, tree), index, "content");
    const [first, ...others] = problems;
    this.#unsound.delete(tree);
    (first === undefined ? this.#sound : this.#unsound).add(tree);
    if (first === undefined) return undefined;
    return others.length === 0 ? first.message : `${first.message}, and ${String(others.length)} more`;
  }
}
