import { CodedError } from "../../schemas/errors.ts";
import type { FileTree, TreeEntry, TreeNode } from "../../schemas/formats/file-tree.ts";

/** One path of a tree whose contents are named by object id. */
export type ObjectNode =
  | { readonly kind: "directory" }
  | { readonly kind: "file"; readonly oid: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "refused-link"; readonly target: string; readonly reason: "escapes" | "loops" | "missing" }
  /** A link whose target was not needed. */
  | { readonly kind: "unread-link" };

type Resolved =
  | { readonly kind: "at"; readonly path: string; readonly node: ObjectNode }
  | { readonly kind: "refused"; readonly target: string; readonly reason: "escapes" | "loops" | "missing" }
  | undefined;

const MAX_HOPS = 40;

/** A `FileTree` in memory. A file whose content is not there has 0 bytes and cannot be read. */
export class ObjectTree implements FileTree {
  readonly #nodes: ReadonlyMap<string, ObjectNode>;
  readonly #contents: ReadonlyMap<string, Uint8Array>;
  readonly #names = new Map<string, TreeEntry[]>();

  constructor(nodes: ReadonlyMap<string, ObjectNode>, contents: ReadonlyMap<string, Uint8Array>) {
    this.#nodes = nodes;
    this.#contents = contents;
    for (const [path, node] of nodes) {
      if (node.kind === "directory" && !this.#names.has(path)) this.#names.set(path, []);
      if (path === "") continue;
      const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      const names = this.#names.get(parent) ?? [];
      this.#names.set(parent, names);
      const kind = node.kind === "file" || node.kind === "directory" ? node.kind : "link";
      names.push({ name: path.slice(parent === "" ? 0 : parent.length + 1), kind });
    }
    for (const names of this.#names.values()) names.sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  list(directory: string): readonly TreeEntry[] | undefined {
    const found = this.#resolve(directory);
    return found?.kind === "at" && found.node.kind === "directory" ? (this.#names.get(found.path) ?? []) : undefined;
  }

  stat(path: string): TreeNode | undefined {
    const found = this.#resolve(path);
    if (found === undefined) return undefined;
    if (found.kind === "refused") return { kind: "refused-link", path, target: found.target, reason: found.reason };
    const { node } = found;
    if (node.kind === "directory") return { kind: "directory", path: found.path };
    if (node.kind !== "file") return undefined;
    return {
      kind: "file",
      path: found.path,
      bytes: this.#contents.get(node.oid)?.length ?? 0,
      executable: node.executable,
    };
  }

  read(path: string, maxBytes?: number): Uint8Array | undefined {
    const found = this.#resolve(path);
    const bytes = found?.kind === "at" && found.node.kind === "file" ? this.#contents.get(found.node.oid) : undefined;
    if (bytes !== undefined && maxBytes !== undefined && bytes.length > maxBytes) {
      throw new CodedError("E_LIMIT_FILE", `\`${path}\` has ${bytes.length} bytes; the limit is ${maxBytes}`, {
        where: path,
      });
    }
    return bytes;
  }

  #resolve(path: string): Resolved {
    const plain = this.#nodes.get(path);
    if (plain?.kind === "file" || plain?.kind === "directory") return { kind: "at", path, node: plain };
    let pending = path.split("/");
    let at = "";
    let link: string | undefined;
    let hops = 0;
    while (pending.length > 0) {
      const [segment = "", ...rest] = pending;
      pending = rest;
      if (segment === "" || segment === ".") continue;
      if (segment === "..") {
        if (at === "") return link === undefined ? undefined : { kind: "refused", target: link, reason: "escapes" };
        at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
        continue;
      }
      const next: string = at === "" ? segment : `${at}/${segment}`;
      const node = this.#nodes.get(next);
      if (node === undefined || node.kind === "unread-link") {
        return link === undefined ? undefined : { kind: "refused", target: link, reason: "missing" };
      }
      if (node.kind === "refused-link") return { kind: "refused", target: node.target, reason: node.reason };
      if (node.kind !== "link") {
        at = next;
        continue;
      }
      link = node.target;
      hops += 1;
      if (hops > MAX_HOPS) return { kind: "refused", target: link, reason: "loops" };
      pending = [...link.split("/"), ...pending];
    }
    const node = this.#nodes.get(at);
    return node === undefined ? undefined : { kind: "at", path: at, node };
  }
}
