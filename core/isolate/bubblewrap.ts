import { existsSync, lstatSync, readlinkSync } from "node:fs";
import type { Sandbox } from "./sandbox.ts";

/** The kind of access to a path. */
export type Mount =
  | {
      readonly kind: "read" | "write";
      readonly path: string;
      /** Absent ones are left out. */ readonly optional?: boolean;
    }
  /** Nothing is seen of a folder or file that is there. */
  | { readonly kind: "hide"; readonly path: string; readonly folder: boolean };

const LIBRARIES = ["/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64"];
const PROGRAMS = ["/usr", "/bin", "/sbin", "/etc/alternatives", "/etc/ld.so.cache"];
const NETWORK = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/ca-certificates"];

/** Arguments of bubblewrap that every plugin gets: namespaces, the libraries of the system, the Node that runs the host. */
export function bubblewrapBase(
  sandbox: Extract<Sandbox, { kind: "bubblewrap" }>,
  { net, exec }: { readonly net: boolean; readonly exec: boolean },
): readonly string[] {
  return [
    "--unshare-user",
    ...(sandbox.closesNamespaces ? ["--disable-userns"] : []),
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    ...(net ? [] : ["--unshare-net"]),
    "--hostname",
    "plugin",
    "--die-with-parent",
    // No reading and writing of the person's terminal.
    "--new-session",
    ...(exec ? PROGRAMS : []).flatMap(systemMount),
    ...LIBRARIES.flatMap(systemMount),
    ...(net ? NETWORK : []).flatMap((path) => ["--ro-bind-try", path, path]),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    ...(exec ? ["--tmpfs", "/tmp"] : []),
    "--ro-bind",
    process.execPath,
    process.execPath,
  ];
}

const PROCESS_LIMIT = "/usr/bin/prlimit";

/**
 * The start of a command that may have at most so many processes and threads. It must run inside the sandbox, where the kernel counts
 * those of the plugin alone; for a host that runs as root the kernel knows no such limit.
 */
export function withProcessLimit(processes: number): readonly string[] {
  return existsSync(PROCESS_LIMIT) ? [PROCESS_LIMIT, `--nproc=${String(processes)}:${String(processes)}`] : [];
}

/** Arguments of bubblewrap for mounts; a later one lies over an earlier one. */
export function bubblewrapMounts(mounts: readonly Mount[]): readonly string[] {
  return mounts.flatMap((mount) => {
    const { kind, path } = mount;
    if (kind === "hide") return mount.folder ? ["--tmpfs", path] : ["--ro-bind", "/dev/null", path];
    const flag = kind === "read" ? "--ro-bind" : "--bind";
    return [mount.optional === true ? `${flag}-try` : flag, path, path];
  });
}

/** A folder of the system as it is, or as the link that it is. */
function systemMount(path: string): readonly string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  return stat.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}
