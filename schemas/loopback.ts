const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/u;

/** Whether a host name, as a parsed URL has it, means this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
