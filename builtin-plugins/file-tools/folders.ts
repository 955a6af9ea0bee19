import { statSync, type Stats } from "node:fs";
import { isAbsolute, resolve, sep } from "node:path";
import type { Settings, ToolCall, Workspace } from "plugsmith/plugin-api";
import { isMissing, realPath } from "./real-path.ts";

/** A file as a tool was given it. */
export interface NamedFile {
  /** Absolute. */
  readonly path: string;
  /** Where its bytes are: every link followed. */
  readonly real: string;
  /** Absent when there is no such file. */
  readonly stats: Stats | undefined;
}

/** The folders that a session works in, and what a name in them stands for. */
export class Folders {
  readonly #workspace: Workspace | undefined;
  readonly #settings: Settings | undefined;

  constructor(workspace: Workspace | undefined, settings: Settings | undefined) {
    this.#workspace = workspace;
    this.#settings = settings;
  }

  /**
   * Resolves a path. The permissions judge the real path; a link that leaves the working folders is refused all the same when it
   * is written, because the name hides where the bytes go.
   */
  resolve(given: string, call: ToolCall, access: "read" | "write"): NamedFile {
    if (given.includes("\0")) throw new Error("the path contains a NUL character; give a plain path");
    const path = isAbsolute(given) ? resolve(given) : resolve(call.directory, given);
    const real = realPath(path);
    if (access === "write" && real !== path && !this.#contains(real, call) && this.#contains(path, call, false)) {
      throw new Error(
        `\`${path}\` leads through a link to \`${real}\`, outside the working folders; name that file itself if you mean it`,
      );
    }
    return { path, real, stats: statOf(real) };
  }

  #contains(path: string, call: ToolCall, real = true): boolean {
    return this.#roots(call).some((root) => {
      const folder = real ? realPath(root) : root;
      return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
    });
  }

  #roots({ directory, session }: ToolCall): readonly string[] {
    const project = session?.projectDirectory ?? directory;
    const added = (this.#settings?.layers("permissions") ?? []).flatMap(({ value }) =>
      additional(value).map((folder) =>
        resolve(project, folder.replace(/^~(?=\/|$)/u, this.#workspace?.homeDirectory ?? "~")),
      ),
    );
    const own = session?.options.additionalDirectories ?? [];
    const isCopy = this.#workspace === undefined || session?.isIsolated === true;
    return [directory, project, ...own, ...(isCopy ? [] : [this.#workspace.projectDirectory]), ...added];
  }
}

function additional(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null || !("additionalDirectories" in value)) return [];
  const list = value.additionalDirectories;
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
