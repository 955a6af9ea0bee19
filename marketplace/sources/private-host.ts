import { isLoopback } from "../../schemas/loopback.ts";

/** Whether a host is a loopback, private, link-local or metadata address, which a public server has no reason to name. */
export function isPrivateHost(host: string): boolean {
  return (
    isLoopback(host) ||
    /^(?:0\.|10\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[f[cde]|\[::)/iu.test(host) ||
    /(?:^|\.)(?:localhost|internal|local)$/iu.test(host)
  );
}
