import { guardInspector } from "../../../core/isolate/signal-guard.ts";
import { defineService } from "../../../plugin-api/index.ts";
import { isolatedIn, writeCodePlugin } from "../../support/isolated-plugin.ts";
import { testHost } from "../../support/test-host.ts";

/** A host with one plugin in a process of its own, until it is killed; tells by lines what happens. */
const [mode] = process.argv.slice(2);
const service = defineService<Record<"hello" | "hang", () => Promise<unknown>>>("wild@test/wild");
const code = `
  export default { activate(context) {
    // What the code of ours would do when the host goes is undone.
    process.removeAllListeners("disconnect");
    context.provide({ key: "wild@test/wild" }, { hello: () => "hello " + process.version, hang: () => { for (;;); } });
  } };`;
guardInspector(() => console.log("noticed"));
const test = await testHost((home) => {
  console.log(`home ${home.directory}`);
  return [isolatedIn(writeCodePlugin(home, "wild", { provides: ["wild"] }, code), home)];
});
const wild = await test.host.frontend.use(service);
console.log(String(await wild.hello()));
if (mode === "once") {
  await test[Symbol.asyncDispose]();
} else {
  // Busy for ever: nothing that the plugin's process runs can notice the end of the host.
  void wild.hang().catch(() => undefined);
  console.log("ready");
}
