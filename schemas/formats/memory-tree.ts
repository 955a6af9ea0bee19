import { CodedError } from "../errors.ts";
import type { FileTree, TreeEntry, TreeNode } from "./file-tree.ts";

/** A member of a tree in memory: text or bytes of a file, or a link with its target. */
export type MemoryFile =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly text: string | Uint8Array; readonly executable: boolean };

type Resolved =
  | { readonly kind: "at"; readonly path: string }
  | { readonly kind: "refused"; readonly target: string; readonly reason: "escapes" | "loops" | "missing" }
  | undefined;

const MAX_HOPS = 40;

/** A tree over a map from path to content; parents exist by being named, links are followed inside the tree only. */
export function memoryTree(files: Readonly<Record<string, MemoryFile>>): FileTree {
  const children = new Map<string, Map<string, TreeEntry>>([["", new Map()]]);
  for (const [path, file] of Object.entries(files)) {
    const segments = path.split("/");
    for (let index = 0; index < segments.length; index++) {
      const parent = segments.slice(0, index).join("/");
      const name = segments[index] ?? "";
      const last = index === segments.length - 1;
      const kind = !last ? "directory" : typeof file === "object" && "link" in file ? "link" : "file";
      const names = children.get(parent) ?? new Map<string, TreeEntry>();
      children.set(parent, names);
      if (!names.has(name)) names.set(name, { name, kind });
    }
  }

  const resolve = (path: string): Resolved => {
    let pending = path === "" ? [] : path.split("/");
    let at: string[] = [];
    let hops = 0;
    let link: string | undefined;
    while (pending.length > 0) {
      const [segment = "", ...rest] = pending;
      pending = rest;
      if (segment === "" || segment === ".") continue;
      if (segment === "..") {
        if (at.length === 0)
          return link === undefined ? undefined : { kind: "refused", target: link, reason: "escapes" };
        at = at.slice(0, -1);
        continue;
      }
      const entry = children.get(at.join("/"))?.get(segment);
      if (entry === undefined)
        return link === undefined ? undefined : { kind: "refused", target: link, reason: "missing" };
      const next = [...at, segment];
      const file = files[next.join("/")];
      if (entry.kind === "link" && typeof file === "object" && "link" in file) {
        link = file.link;
        if (link.startsWith("/")) return { kind: "refused", target: link, reason: "escapes" };
        if (++hops > MAX_HOPS) return { kind: "refused", target: link, reason: "loops" };
        pending = [...link.split("/"), ...pending];
      } else at = next;
    }
    return { kind: "at", path: at.join("/") };
  };

  const stat = (path: string): TreeNode | undefined => {
    const found = resolve(path);
    if (found === undefined) return undefined;
    if (found.kind === "refused") return { kind: "refused-link", path, target: found.target, reason: found.reason };
    if (children.has(found.path)) return { kind: "directory", path: found.path };
    const file = files[found.path];
    if (file === undefined) return undefined;
    return {
      kind: "file",
      path: found.path,
      bytes: bytesOf(file).length,
      executable: typeof file === "object" && "executable" in file && file.executable,
    };
  };

  return {
    stat,
    list: (directory) => {
      const found = resolve(directory);
      const names = found?.kind === "at" ? children.get(found.path) : undefined;
      return names && [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    read: (path, maxBytes) => {
      const node = stat(path);
      const file = node?.kind === "file" ? files[node.path] : undefined;
      if (file === undefined) return undefined;
      const bytes = bytesOf(file);
      if (maxBytes !== undefined && bytes.length > maxBytes) {
        throw new CodedError("E_LIMIT_FILE", `\`${path}\` has ${bytes.length} bytes, more than ${maxBytes}`, {
          where: path,
        });
      }
      return bytes;
    },
  };
}

function bytesOf(file: MemoryFile): Uint8Array {
  const text = typeof file === "object" && "text" in file ? file.text : file;
  if (text instanceof Uint8Array) return text;
  return new TextEncoder().encode(typeof text === "string" ? text : "");
}
