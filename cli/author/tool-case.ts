import { sessionStart } from "../../plugin-api/events/session.ts";
import { toolPoint } from "../../plugin-api/points/tool.ts";
import type { GuardedHandle } from "../../plugin-api/point.ts";
import type { ToolContext, ToolDescriptor, ToolResult } from "../../plugin-api/tool.ts";
import type { PluginCase } from "../../schemas/plugin-tests.ts";
import type { CaseHost } from "./case-host.ts";
import { nameFits } from "./expectations.ts";
import type { Observed } from "./outcome.ts";

type ToolHandle = GuardedHandle<ToolDescriptor, unknown, ToolResult>;

/** How long a server may take to offer its tools. */
const APPEARS_MS = 20_000;

/** Calls a tool as a model would, with a person's yes, and tells what it gave. */
export async function observeTool(one: PluginCase, opened: CaseHost, signal: AbortSignal): Promise<Observed> {
  const { host, directory } = opened;
  const written = one.tool ?? "";
  const session = await opened.open();
  try {
    // Servers start with a session.
    await host.frontend.emit(sessionStart, { session, source: "startup", texts: [] }, { signal });
    const found = await findTool(written, opened);
    if (typeof found === "string") return { failure: found };
    session.setOptions({ allow: [found.descriptor.name] });
    const context: ToolContext = { session, directory, agentPath: [] };
    const done = await found.invoke(one.input ?? {}, { callId: "case", context, signal });
    if (done.kind === "denied") return { failure: `the call was refused: ${done.reason}` };
    const { content, isError = false } = done.output;
    return { isError, results: content.flatMap((part) => (part.type === "text" ? [part.text] : [])) };
  } catch (error) {
    signal.throwIfAborted();
    return { isError: true, results: [error instanceof Error ? error.message : String(error)] };
  } finally {
    await session.close();
  }
}

/** Waits for a tool; says what there is instead. */
async function findTool(written: string, { host, warnings }: CaseHost): Promise<ToolHandle | string> {
  const reader = await host.frontend.read(toolPoint);
  const find = (): ToolHandle | undefined => reader.all().find(({ descriptor }) => nameFits(descriptor.name, written));
  const present = find();
  if (present !== undefined || !written.includes("/")) return present ?? missing(written, reader.all(), warnings);
  const { promise, resolve } = Promise.withResolvers<ToolHandle | undefined>();
  const watching = reader.onChange(() => {
    const found = find();
    if (found !== undefined) resolve(found);
  });
  const timer = setTimeout(() => resolve(undefined), APPEARS_MS);
  try {
    return find() ?? (await promise) ?? missing(written, reader.all(), warnings);
  } finally {
    clearTimeout(timer);
    watching.dispose();
  }
}

function missing(written: string, present: readonly ToolHandle[], warnings: readonly string[]): string {
  const foreign = present.filter(
    ({ plugin, descriptor }) => plugin.tier !== "builtin" || descriptor.name.includes("__"),
  );
  const names = foreign.map(({ descriptor }) => descriptor.name);
  const there = names.length === 0 ? "the plugin has no tool" : `there is ${names.join(", ")}`;
  return [`there is no tool \`${written}\`; ${there}`, ...warnings].join("\n");
}
