import { pathToFileURL } from "node:url";
import { createMessageConnection, type CancellationToken } from "vscode-jsonrpc/node";
import type { Plugin } from "../../../plugin-api/plugin.ts";
import { provideModules } from "../../load/plugin-api-hook.ts";
import type { Activation, Envelope, HostNotices, HostRequests } from "../wire/messages.ts";
import { toWire } from "../wire/remote-error.ts";
import { ChildContext } from "./context.ts";
import { ProcessReader, ProcessWriter } from "./process-channel.ts";

/** The process of one plugin: loads its entry when the host says so and passes on what the host asks. */
const connection = createMessageConnection(new ProcessReader(), new ProcessWriter());
let context: ChildContext | undefined;

function answer<Method extends keyof HostRequests>(
  method: Method,
  work: (params: HostRequests[Method], signal: AbortSignal) => unknown,
): void {
  connection.onRequest(method, async (params: HostRequests[Method], token: CancellationToken): Promise<Envelope> => {
    const end = new AbortController();
    const cancelled = token.onCancellationRequested(() => end.abort());
    try {
      return { value: await work(params, end.signal) };
    } catch (error) {
      throw toWire(error);
    } finally {
      cancelled.dispose();
    }
  });
}

function active(): ChildContext {
  if (context === undefined) throw new Error("the plugin is not activated");
  return context;
}

async function load({ entry, modules }: Activation): Promise<Plugin> {
  provideModules(modules);
  // A module namespace can hold anything; `isPlugin` looks at what counts.
  const namespace = (await import(pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>;
  const plugin = namespace["default"];
  if (isPlugin(plugin)) return plugin;
  throw new Error(`the entry \`${entry}\` has no plugin as its default export`);
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && "activate" in value && typeof value.activate === "function";
}

answer("activate", async (activation) => {
  const plugin = await load(activation);
  context = new ChildContext(connection, activation);
  await plugin.activate(context);
  await context.registered();
});
answer("call", (params, signal) => active().runCall(params, signal));
answer("hear", ({ listener, payload }, signal) => active().runListener(listener, payload, signal));
answer("method", (params, signal) => active().runMethod(params, signal));
answer("dispose", () => context?.dispose() ?? []);
answer("ping", () => undefined);
connection.onNotification("items", ({ id, items }: HostNotices["items"]) => context?.setItems(id, items));
// Without its host the process has no purpose.
process.once("disconnect", () => process.exit(0));
connection.listen();
