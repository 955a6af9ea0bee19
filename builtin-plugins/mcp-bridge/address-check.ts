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
 * Throws when a server sends its client to an address that it has no business with: another than its own that is neither https nor,
 * where the server is itself on this machine, loopback; or one inside a private network (attacks.md PR11).
 */
export async function requireAllowedAddress(target: URL, server: URL): Promise<void> {
  if (target.origin === server.origin) return;
  if (isLoopback(server) && isLoopback(target)) return;
  if (target.protocol !== "https:") throw refusal(target, "which is not https");
  const host = target.hostname.replace(/^\[|\]$/gu, "");
  const addresses = isIP(host) > 0 ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true });
  const inside = addresses.some(({ address, family }) => PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4"));
  if (inside) throw refusal(target, "which lies in a private network");
}

function refusal(target: URL, why: string): Error {
  return new Error(`the server sends its client to \`${target.origin}\`, ${why}; that was refused`);
}
