import type { Mount } from "./bubblewrap.ts";

const SYSTEM = [
  "/usr/lib",
  "/usr/share",
  "/System",
  "/private/var/db/dyld",
  "/private/var/db/timezone",
  "/dev/null",
  "/dev/urandom",
];
const PROGRAMS = ["/bin", "/usr/bin", "/usr/sbin", "/sbin", "/usr/libexec", "/opt/homebrew", "/usr/local"];

/** What a profile is made of. */
export interface SeatbeltOptions {
  readonly mounts: readonly Mount[];
  readonly net: boolean;
  readonly exec: boolean;
}

/**
 * The profile of `sandbox-exec` for a plugin: everything is denied but its paths. Mach services stay closed, the keychain's
 * (`com.apple.SecurityServer`) among them; signals go to its own processes only.
 */
export function seatbeltProfile({ mounts, net, exec }: SeatbeltOptions): string {
  const subpaths = (paths: readonly string[]): string => paths.map((path) => `(subpath ${quoted(path)})`).join(" ");
  return [
    "(version 1)",
    "(deny default)",
    "(allow sysctl-read)",
    "(allow signal (target same-sandbox))",
    "(allow file-read-metadata)",
    `(allow file-read* (literal "/") ${subpaths(SYSTEM)} (literal ${quoted(process.execPath)}))`,
    `(allow process-exec (literal ${quoted(process.execPath)}))`,
    ...(exec ? [`(allow process-fork) (allow process-exec file-read* ${subpaths(PROGRAMS)})`] : []),
    ...(net
      ? [
          "(allow network-outbound) (allow network-inbound) (allow system-socket)",
          '(deny network-outbound (subpath "/"))',
        ]
      : []),
    // The last rule that matches a path counts.
    ...mounts.map(({ kind, path }) => {
      const at = `(subpath ${quoted(path)})`;
      if (kind === "hide") return `(deny file* ${at})`;
      return kind === "read" ? `(allow file-read* ${at})` : `(allow file-read* file-write* ${at})`;
    }),
  ].join("\n");
}

function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/gu, "\\$&")}"`;
}
