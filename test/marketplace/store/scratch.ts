import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { homeAt, type Home } from "../../../marketplace/home.ts";
import { removeTree } from "../../../marketplace/store/disk-tree.ts";
import type { FileTree, TreeEntry } from "../../../schemas/formats/file-tree.ts";
import type { PluginManifest } from "../../../schemas/plugin-manifest.ts";
import { refuseCanaries } from "../../support/canary.ts";

/** Text of a file, `{run}` for an executable one, `{link}` for a symbolic link. */
export type Content = string | { readonly run: string } | { readonly link: string };

/** A private directory with a home in it. */
export class Scratch {
  readonly directory: string = mkdtempSync(join(tmpdir(), "plugsmith-store-"));
  readonly home: Home = homeAt(join(this.directory, "home"));
  #count = 0;

  /** Writes files into a fresh directory and returns its path. */
  write(files: Readonly<Record<string, Content>>): string {
    this.#count += 1;
    const root = join(this.directory, `source-${this.#count}`);
    mkdirSync(root);
    for (const [path, content] of Object.entries(files)) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      if (typeof content === "string") writeFileSync(file, content);
      else if ("link" in content) symlinkSync(content.link, file);
      else {
        writeFileSync(file, content.run);
        chmodSync(file, 0o775);
      }
    }
    return root;
  }

  tree(files: Readonly<Record<string, Content>>): FileTree {
    return openDirectoryTree(this.write(files));
  }

  remove(): void {
    try {
      refuseCanaries(this.directory);
    } finally {
      removeTree(this.directory);
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}

/** A tree that no file system could hold: names may occur twice, and `endless` never runs out of files. */
export function listedTree(entries: readonly TreeEntry[], text = ""): FileTree {
  const bytes = Buffer.from(text);
  return {
    list: (directory) => (directory === "" ? entries : undefined),
    stat: (path) => ({ kind: "file", path, bytes: bytes.length, executable: false }),
    read: () => Buffer.from(bytes),
  };
}

/** A manifest with nothing in it. */
export function emptyManifest(name: string): PluginManifest {
  return {
    schema: 1,
    format: "claude-code",
    name,
    keywords: [],
    defaultEnabled: true,
    dependencies: [],
    userConfig: {},
    channels: [],
    settings: {},
    contributions: [],
    provenance: {},
  };
}

/** A signal that never fires. */
export function calm(): AbortSignal {
  return new AbortController().signal;
}
