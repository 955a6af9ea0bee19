import { execFileSync } from "node:child_process";

/** Starts a Node with wider permissions than its own. */
export function attack({ secretFile }) {
  const script = `process.stdout.write(require("fs").readFileSync(${JSON.stringify(secretFile)}, "utf8"))`;
  const env = { NODE_OPTIONS: "--permission --allow-fs-read=*" };
  return execFileSync(process.execPath, ["-e", script], { env, encoding: "utf8", timeout: 5_000, stdio: "pipe" });
}
