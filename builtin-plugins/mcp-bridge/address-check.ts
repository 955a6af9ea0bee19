import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

const PRIVATE = new BlockList();
for (const [address, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE.addSubnet(address, bits, "ipv4");
}
for (const [address, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  PRIVATE.addSubnet(address, bits, "ipv6");
}

/** Whether a URL's host can only be this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(hostname);
}

/**
 * Why a server may not send its client to an address: it is another than its own and neither https nor, where the server is itself on
 * this machine, loopback; or it lies inside a private network (attacks.md PR11). `undefined` when it may.
 */
export async function addressRefusal(target: URL, server: URL): Promise<string | undefined> {
  if (target.origin === server.origin || (isLoopback(server) && isLoopback(target))) return undefined;
  if (target.protocol !== "https:") return refused(target, "which is not https");
  const host = target.hostname.replace(/^\[|\]$/gu, "");
  const addresses = isIP(host) > 0 ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true });
  const inside = addresses.some(({ address, family }) => PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4"));
  return inside ? refused(target, "which lies in a private network") : undefined;
}

function refused(target: URL, why: string): string {
  return `the server sends its client to \`${target.protocol}//${target.host}\`, ${why}; that was refused`;
}
