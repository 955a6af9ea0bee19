/** A host of the tests about orphans: starts what its arguments say, prints the process ids, and waits to be killed. */
import { openProcesses } from "../../../core/platform/processes.ts";
import type { PluginInfo, Processes } from "../../../plugin-api/index.ts";
import { firstLine } from "./process-fixture.ts";

const plugin: PluginInfo = {
  id: "fmt@acme",
  name: "fmt",
  version: "1.0.0",
  tier: "installed",
  directory: "/nowhere",
  dataDirectory: "/nowhere",
};
const opened = openProcesses({
  decide: () => ({ allowed: true }),
  workspace: { trusted: true, projectDirectory: "/nowhere" },
  audit: { append: () => undefined, heads: () => [] },
  failed: (_plugin, error) => console.error(error),
});
const processes = opened.service.open(plugin, undefined) as Processes;
const lines = process.argv.slice(2).map((script) => {
  const running = processes.start({
    plugin,
    purpose: "test",
    command: "sh",
    args: ["-c", script],
    directory: "/",
    environment: { PATH: "/usr/bin:/bin" },
  });
  return firstLine(running).then((line) => `${running.pid} ${line}`);
});
console.log((await Promise.all(lines)).join(" "));
setInterval(() => undefined, 1_000);
