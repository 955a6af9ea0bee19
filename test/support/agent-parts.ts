import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import type { HostPlugin } from "../../core/host-plugin.ts";
import type { HostService } from "../../core/services/service-registry.ts";
import {
  defineTool,
  settingsService,
  toolPermission,
  toolPoint,
  workspaceService,
  type GateAnswer,
  type GuardedRequest,
  type Settings,
  type Tool,
  type ToolContext,
  type Workspace,
} from "../../plugin-api/index.ts";
import { codePlugin, hostService } from "./test-host.ts";

const shell = defineTool<{ command: string }>({
  name: "Bash",
  description: "Runs a command",
  inputSchema: { type: "object", properties: { command: { type: "string" } }, required: ["command"] },
  run: ({ command }, { directory }) =>
    new Promise((resolve) => {
      execFile("bash", ["-c", command], { cwd: directory }, (error, stdout, stderr) => {
        const text = `${stdout}${stderr}`.trimEnd();
        resolve({ content: [{ type: "text", text }], isError: error !== null });
      });
    }),
});

const read = defineTool<{ file_path: string }>({
  name: "Read",
  description: "Reads a file",
  inputSchema: { type: "object", properties: { file_path: { type: "string" } }, required: ["file_path"] },
  readOnly: true,
  run: ({ file_path: file }) => readFileSync(file, "utf8"),
});

/** The owner of the tool point with a shell and a reader of files, and whatever else is given. */
export function toolPlugins(more: readonly Tool[] = []): HostPlugin[] {
  const tools = [shell, read, ...more];
  const guarded = { gate: toolPermission.key, unanswered: "deny", audited: true, input: "inputSchema" };
  const announced = tools.map(({ descriptor }) => ({ ...descriptor }));
  return [
    codePlugin(
      "tools",
      { points: { [toolPoint.key]: { guarded } }, contributes: { [toolPoint.key]: announced } },
      (it) => {
        for (const tool of tools) it.contribute(toolPoint, tool.descriptor.name, tool);
      },
    ),
    codePlugin("permissions", { listens: [toolPermission.key] }, (it) => {
      it.listen(toolPermission, decide);
    }),
  ];
}

/** What is denied is denied, readers and what is allowed by name, exact command or prefix may run, the rest is asked for. */
function decide({ name, input, context, descriptor }: GuardedRequest): GateAnswer {
  const { session } = context as ToolContext;
  const { command = "" } = input as { command?: string };
  const covers = (rules: readonly string[]): boolean =>
    rules.some((rule) => {
      const inner = /^Bash\((.*)\)$/u.exec(rule)?.[1];
      if (inner === undefined || name !== "Bash") return rule === name;
      return inner.endsWith(":*") ? command.startsWith(inner.slice(0, -2)) : command === inner;
    });
  const of = (kind: "allow" | "deny"): readonly string[] => [
    ...(session?.options[kind] ?? []),
    ...(session?.turn[kind] ?? []),
  ];
  if (covers(of("deny"))) return { decision: "deny", reason: `\`${name}\` is denied` };
  if ((descriptor as { readOnly?: boolean }).readOnly === true || covers(of("allow"))) return { decision: "allow" };
  return { decision: "ask", reason: `\`${name}\` needs a yes` };
}

/** Where a test's host works. */
export function workspaceAt(directory: string, more: Partial<Workspace> = {}): HostService {
  return hostService(workspaceService, {
    directory,
    projectDirectory: directory,
    homeDirectory: directory,
    plugsmithHome: `${directory}/.plugsmith`,
    trusted: true,
    environment: {},
    ...more,
  });
}

/** Settings of one layer that a test may change. */
export function settingsOf(values: Record<string, unknown>): HostService {
  const settings: Settings = {
    layers: (key) => (key in values ? [{ layer: "user", file: "/settings.json", value: values[key] }] : []),
    get: (key) => values[key],
    onChange: () => ({ dispose: () => undefined }),
    set: (_layer, key, value) => void (values[key] = value),
  };
  return hostService(settingsService, settings);
}
