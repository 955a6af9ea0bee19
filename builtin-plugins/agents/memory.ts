import { closeSync, existsSync, mkdirSync, openSync, readSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { Workspace } from "plugsmith/plugin-api";
import type { Definition, MemoryScope } from "./definition.ts";

/** What an agent keeps from one task to the next. */
export interface Memory {
  /** Real path; it need not be there yet. */
  readonly directory: string;
  /** What its system prompt says of it. */
  readonly text: string;
  /** The files in it, as permission rules have it; absent where its path cannot be written as a pattern. */
  readonly pattern: string | undefined;
}

const MAX_LINES = 200;
const MAX_BYTES = 25 * 1024;
const ABOUT: Readonly<Record<MemoryScope, string>> = {
  user: "It is the same in all projects: keep in it what holds everywhere.",
  project: "It belongs to this project and goes with it into version control: others read it too.",
  local: "It belongs to this project on this machine and is not put into version control.",
};

/** The memory that an agent asks for; `undefined` for none, and with a warning where it must not be used. */
export function memoryOf(
  { name, memory: scope, isOfProject }: Definition,
  workspace: Workspace,
  warn: (message: string) => void,
): Memory | undefined {
  if (scope === undefined) return undefined;
  const without = (why: string): undefined => void warn(`agent \`${name}\` works without its memory: ${why}`);
  if (!workspace.trusted && (scope !== "user" || isOfProject)) {
    return without(`nobody trusts the project \`${workspace.projectDirectory}\``);
  }
  const top = scope === "user" ? workspace.homeDirectory : workspace.projectDirectory;
  const directory = folderOf(top, scope === "local" ? "agent-memory-local" : "agent-memory", name);
  if (directory === undefined) return without(`its folder leads out of \`${top}\``);
  if (scope === "local") keepOutOfVersionControl(dirname(directory));
  const pattern = /[\\*?[\]!(){}]/u.test(directory) ? undefined : `/${directory}/**`;
  return { directory, pattern, text: textOf(directory, scope) };
}

/** Where other clients have kept it already, else in the neutral folder; `undefined` where a link leads out of `top`. */
function folderOf(top: string, kind: string, agent: string): string | undefined {
  // Every name has a folder of its own, whatever is in it.
  const own = encodeURIComponent(agent).replace(/^\.+$/u, (dots) => "%2E".repeat(dots.length));
  const [neutral = "", theirs = ""] = [".agents", ".claude"].map((place) => join(top, place, kind, own));
  const real = realPath(!existsSync(neutral) && existsSync(theirs) ? theirs : neutral);
  return isWithin(real, realpathSync(top)) ? real : undefined;
}

function textOf(directory: string, scope: MemoryScope): string {
  const written = beginningOf(join(directory, "MEMORY.md"), directory);
  return [
    `You have a memory that outlasts this conversation: the folder \`${directory}\`. ${ABOUT[scope]}`,
    `Each time you begin you are shown the first ${String(MAX_LINES)} lines of its \`MEMORY.md\`, 25 KB at most. Keep that file a short list of what is worth knowing and of the other files, and put details into files beside it. Read what bears on the task, write down what will help with later ones, and correct what turned out to be wrong. Keep no secrets in it, and nothing that matters to this task alone.`,
    written === "" ? "`MEMORY.md` is empty so far." : `\`MEMORY.md\` says:\n\n${written}`,
  ].join("\n\n");
}

function beginningOf(file: string, directory: string): string {
  if (!existsSync(file) || !isWithin(realpathSync(file), directory)) return "";
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    const text = new TextDecoder().decode(bytes.subarray(0, Math.min(length, MAX_BYTES)), { stream: true });
    const lines = text.split("\n");
    const isCut = length > MAX_BYTES || lines.length > MAX_LINES + 1;
    return `${lines.slice(0, MAX_LINES).join("\n").trim()}${isCut ? "\n… (the rest is not shown; make it shorter)" : ""}`;
  } finally {
    closeSync(handle);
  }
}

function keepOutOfVersionControl(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, ".gitignore"), "*\n");
}

/** The real path of what may not be there yet. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPath(parent), relative(parent, path));
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
