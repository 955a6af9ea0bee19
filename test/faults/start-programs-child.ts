/** A host of the test about records of programs: starts a hook, a server and a locked launcher, each of which says that it ran. */
import { openAudit } from "../../core/audit/index.ts";
import { openProcesses } from "../../core/platform/processes.ts";
import type { PluginInfo, Processes } from "../../plugin-api/index.ts";

const [audit = "", ran = ""] = process.argv.slice(2);
const plugin: PluginInfo = {
  id: "fmt@acme",
  name: "fmt",
  version: "1.0.0",
  tier: "installed",
  directory: "/nowhere",
  dataDirectory: "/nowhere",
};
const log = openAudit(audit, () => new Date());
const opened = openProcesses({
  decide: () => ({ allowed: true }),
  workspace: { trusted: true, projectDirectory: "/nowhere" },
  audit: log,
  failed: (_plugin, error) => console.error(error),
});
// The service is opened as the host opens it.
const processes = opened.service.open(plugin, undefined) as Processes;
for (const purpose of ["hook PreToolUse", "MCP server files", "launcher npx"]) {
  const running = processes.start({
    plugin,
    purpose,
    command: "sh",
    args: ["-c", ': > "$1/$2"', "sh", ran, purpose],
    directory: "/",
    environment: { PATH: "/usr/bin:/bin" },
  });
  await running.ended;
}
await opened.dispose();
log.seal();
