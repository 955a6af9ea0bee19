import { spawn } from "node:child_process";
import { syncTree } from "./disk-tree.ts";
import { CodedError } from "../../schemas/errors.ts";
import { ioError } from "../../schemas/system-error.ts";

/** Where `sync` is looked for; never the person's own `PATH`, which may name a workspace. */
const SYSTEM_PATH = "/usr/bin:/bin:/run/current-system/sw/bin";

/** Up to this many files one sync a file is cheaper than a process, and does not write out what other programs have open. */
const MAX_SINGLE_SYNCS = 12;

/**
 * Makes trees on one file system durable, their own names excepted: by one `sync -f` of it, file by file where that is
 * missing or there are few. Throws `E_IO`, and `E_INTERRUPTED` when the signal ends the wait.
 */
export async function syncTrees(
  trees: readonly { readonly directory: string; readonly members: readonly unknown[] }[],
  signal: AbortSignal,
): Promise<void> {
  const [first] = trees;
  if (first === undefined) return;
  const files = trees.reduce((sum, { members }) => sum + members.length, 0);
  const isMany = files > MAX_SINGLE_SYNCS && process.platform === "linux";
  if (isMany && (await syncFileSystem(first.directory, signal))) return;
  for (const { directory } of trees) {
    try {
      syncTree(directory);
    } catch (error) {
      throw ioError("make durable", directory, error);
    }
  }
}

/** Runs `sync -f`; `false` when the program is missing, does not know the option or fails. */
async function syncFileSystem(directory: string, signal: AbortSignal): Promise<boolean> {
  const child = spawn("sync", ["-f", directory], { stdio: "ignore", env: { PATH: SYSTEM_PATH }, cwd: "/" });
  const end = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", end, { once: true });
  try {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
    const done = await promise;
    if (signal.aborted)
      throw new CodedError("E_INTERRUPTED", "interrupted while the downloaded files were made durable");
    return done;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
