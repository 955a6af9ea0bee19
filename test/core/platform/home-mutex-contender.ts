/** A process of `home-mutex.test.ts`: `hold` keeps the mutex until it is killed, `count` adds one to a file's number. */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { holdHome } from "../../../core/platform/home-mutex.ts";

const [role, mutex, counter] = process.argv.slice(2);
if (mutex === undefined || counter === undefined)
  throw new Error("usage: home-mutex-contender.ts hold|count MUTEX COUNTER");

await holdHome(mutex, { deadlineMs: 60_000, signal: new AbortController().signal })(async () => {
  if (role === "hold") {
    console.log("held");
    await sleep(600_000);
  }
  const count = Number(readFileSync(counter, "utf8"));
  await sleep(5);
  writeFileSync(counter, String(count + 1));
});
