import type { HostPlugin } from "../../core/host-plugin.ts";
import * as api from "../../plugin-api/index.ts";
import { readExtension, type Extension } from "../../schemas/plugsmith-extension.ts";
import { moduleModel, STAND_INS } from "./stand-ins.ts";

/** Every event of the public interface, by key. */
const EVENTS: ReadonlyMap<string, api.AnyEvent> = new Map(
  Object.values(api).flatMap((value) => (isEvent(value) ? [[value.key, value]] : [])),
);

/** What names the models of the built-ins that provide some. */
const MODELS: Readonly<Record<string, string>> = { "model-scripted": "scripted", "model-anthropic": "anthropic" };

/** Another plugin that announces what a built-in announces, and does the least of it that is still honest. */
export function stubOf(builtin: HostPlugin): HostPlugin {
  const { name, version } = builtin.info;
  const { value: announced } = readExtension(builtin.manifest.plugsmith, builtin.info.id);
  return {
    info: { id: `${name}@stub`, name, version, tier: "installed", directory: "/nowhere", dataDirectory: "/nowhere" },
    revision: "1",
    manifest: builtin.manifest,
    dependencies: [],
    disabledComponents: [],
    options: {},
    diagnostics: [],
    load: async () => ({ activate: (context) => activate(context, name, announced) }),
  };
}

function activate(context: api.PluginContext, name: string, announced: Extension): void {
  for (const key of announced.provides) {
    const provide = STAND_INS[key];
    if (provide === undefined) throw new Error(`the test has nothing that stands in for \`${key}\``);
    provide(context);
  }
  for (const [key, contributions] of Object.entries(announced.contributes)) {
    if (key === api.modelPoint.key) context.contribute(api.modelPoint, MODELS[name] ?? name, moduleModel);
    else if (key !== api.toolPoint.key) throw new Error(`the test has nothing that stands in at \`${key}\``);
    // What a built-in announces at the point of tools describes tools.
    else for (const { value } of contributions) contributeTool(context, value as object as api.ToolDescriptor);
  }
  for (const key of announced.listens) {
    const event = EVENTS.get(key);
    if (event === undefined) throw new Error(`the public interface has no event \`${key}\``);
    listen(context, event);
  }
}

function contributeTool(context: api.PluginContext, descriptor: api.ToolDescriptor): void {
  context.contribute(api.toolPoint, descriptor.name, {
    descriptor,
    call: (): api.ToolResult => ({ content: [{ type: "text", text: `the stub of ${descriptor.name} was called` }] }),
  });
}

/** Says nothing to anything, but for the gate of tools, where somebody has to say yes. */
function listen(context: api.PluginContext, event: api.AnyEvent): void {
  switch (event.kind) {
    case "observe":
      context.listen(event, () => undefined);
      break;
    case "transform":
      context.listen(event, (value) => value);
      break;
    case "first":
      context.listen(event, () => undefined);
      break;
    case "gate":
      context.listen(event, () => ({ decision: event.key === api.toolPermission.key ? "allow" : "pass" }));
  }
}

function isEvent(value: unknown): value is api.AnyEvent {
  return typeof value === "object" && value !== null && "kind" in value && "budgetMs" in value;
}
