import * as z from "zod";
import { HOOK_EVENTS } from "./hook-events.ts";
import type { HookHandler } from "./plugin-manifest.ts";

interface HookCommon {
  readonly if?: string | undefined;
  readonly timeout?: number | undefined;
  readonly statusMessage?: string | undefined;
  readonly once?: boolean | undefined;
  /** Ours: without its answer what it guards does not happen. */
  readonly required?: boolean | undefined;
}

/** One handler as a hook file writes it. */
export type HookHandlerJson = HookCommon & HookHandler;

/** Handlers that share a matcher. */
export interface HookGroupJson {
  readonly matcher?: string | undefined;
  readonly hooks: readonly HookHandlerJson[];
}

/** A hook file: event name → groups. */
export interface HooksJson {
  readonly description?: string | undefined;
  readonly hooks?: Readonly<Record<string, readonly HookGroupJson[] | undefined>> | undefined;
  /** In-process modules of the vendor's runtime; listed, never run. */
  readonly modules?: readonly string[] | undefined;
}

const common = {
  if: z.string().optional(),
  timeout: z.number().positive().optional(),
  statusMessage: z.string().optional(),
  once: z.boolean().optional(),
  required: z.boolean().optional(),
};

/** One hook handler. */
export const hookHandlerSchema: z.ZodType<HookHandlerJson> = z
  .discriminatedUnion("type", [
    z.looseObject({
      type: z.literal("command"),
      command: z.string().min(1),
      args: z.array(z.string()).optional(),
      shell: z.enum(["bash", "powershell"]).optional(),
      async: z.boolean().optional(),
      asyncRewake: z.boolean().optional(),
      ...common,
    }),
    z.looseObject({
      type: z.literal("http"),
      url: z.url(),
      headers: z.record(z.string(), z.string()).optional(),
      allowedEnvVars: z.array(z.string()).optional(),
      ...common,
    }),
    z.looseObject({
      type: z.literal("mcp_tool"),
      server: z.string().min(1),
      tool: z.string().min(1),
      input: z.record(z.string(), z.unknown()).optional(),
      ...common,
    }),
    z.looseObject({
      type: z.literal("prompt"),
      prompt: z.string().min(1),
      model: z.string().optional(),
      continueOnBlock: z.boolean().optional(),
      ...common,
    }),
    z.looseObject({ type: z.literal("agent"), prompt: z.string().min(1), model: z.string().optional(), ...common }),
  ])
  .meta({ title: "Hook handler", description: "One thing that runs when a hook event happens" });

const groupSchema: z.ZodType<HookGroupJson> = z.looseObject({
  matcher: z.string().optional(),
  hooks: z.array(hookHandlerSchema),
});

/** Event name → groups, as it also stands in manifests and settings. */
export const hookEventsSchema: z.ZodType<Readonly<Record<string, readonly HookGroupJson[] | undefined>>> = z
  .partialRecord(z.enum(Object.keys(HOOK_EVENTS)), z.array(groupSchema))
  .meta({ title: "Hooks by event", description: "Hook event name to groups of handlers" });

/** `hooks/hooks.json`. */
export const hooksJsonSchema: z.ZodType<HooksJson> = z
  .looseObject({
    description: z.string().optional(),
    hooks: hookEventsSchema.optional(),
    modules: z.array(z.string()).optional(),
  })
  .meta({ title: "hooks.json", description: "Hooks of a plugin, by event" });
