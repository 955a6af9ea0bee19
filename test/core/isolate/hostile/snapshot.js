import { existsSync } from "node:fs";
import { writeHeapSnapshot } from "node:v8";

/** Lets V8 write a file outside. */
export function attack({ outside }) {
  const file = writeHeapSnapshot(`${outside}/heap.heapsnapshot`);
  return `${file}: ${existsSync(file)}`;
}
