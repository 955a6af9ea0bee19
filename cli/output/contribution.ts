import * as z from "zod";
import type { Contribution, HookContribution, HookHandler } from "../../schemas/plugin-manifest.ts";
import { provenanceShape } from "./diagnostic.ts";

const text = z.string();
const flag = z.boolean();
const texts = z.array(text);
const textByName = z.record(text, text);
const fields = z.record(text, z.unknown()).describe("Recognised front matter in camelCase");

const handler: z.ZodType<HookHandler> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("command"),
    command: text,
    args: texts.optional(),
    shell: text.optional(),
    async: flag.optional(),
    asyncRewake: flag.optional(),
  }),
  z.strictObject({
    type: z.literal("http"),
    url: text,
    headers: textByName.optional(),
    allowedEnvVars: texts.optional(),
  }),
  z.strictObject({ type: z.literal("mcp_tool"), server: text, tool: text, input: z.unknown().optional() }),
  z.strictObject({
    type: z.literal("prompt"),
    prompt: text,
    model: text.optional(),
    continueOnBlock: flag.optional(),
  }),
  z.strictObject({ type: z.literal("agent"), prompt: text, model: text.optional() }),
]);

const hook: z.ZodType<HookContribution> = z
  .strictObject({
    kind: z.literal("hook"),
    event: text,
    matcher: text.optional(),
    handler,
    if: text.optional(),
    timeoutSeconds: z.number().optional(),
    statusMessage: text.optional(),
    once: flag.optional(),
    required: flag.optional(),
    where: provenanceShape,
  })
  .meta({ id: "hook" });

const skill = z.strictObject({
  kind: z.literal("skill"),
  name: text,
  path: text,
  file: text,
  description: text,
  whenToUse: text.optional(),
  fields,
  modelInvocable: flag,
  userInvocable: flag,
  paths: texts.optional(),
  hooks: z.array(hook).optional(),
  injections: texts.optional(),
});

const command = z.strictObject({
  kind: z.literal("command"),
  name: text,
  file: text.optional(),
  content: text.optional(),
  description: text,
  fields,
  injections: texts.optional(),
});

const agent = z.strictObject({ kind: z.literal("agent"), name: text, file: text, description: text, fields });

const mcp = z.strictObject({
  kind: z.literal("mcp"),
  name: text,
  config: z.discriminatedUnion("transport", [
    z.strictObject({
      transport: z.literal("stdio"),
      command: text,
      args: texts,
      env: textByName,
      platforms: z.record(text, z.strictObject({ command: text, args: texts, env: textByName })).optional(),
    }),
    z.strictObject({
      transport: z.enum(["http", "sse", "ws"]),
      url: text,
      headers: textByName,
      headersHelper: text.optional(),
      oauth: z.record(text, z.unknown()).optional(),
    }),
    z.strictObject({ transport: z.literal("bundle"), location: text }),
  ]),
  timeoutMs: z.number().optional(),
  alwaysLoad: flag.optional(),
  where: provenanceShape,
});

const lsp = z.strictObject({
  kind: z.literal("lsp"),
  name: text,
  command: text,
  args: texts,
  env: textByName,
  extensionToLanguage: textByName,
  options: z.record(text, z.unknown()),
  where: provenanceShape,
});

const monitor = z.strictObject({
  kind: z.literal("monitor"),
  name: text,
  command: text,
  description: text,
  when: text,
  where: provenanceShape,
});

const file = z.strictObject({
  kind: z.enum(["output-style", "workflow", "theme", "mod", "bin"]),
  name: text,
  file: text,
  description: text.optional(),
  fields: fields.optional(),
});

/** Anything a plugin adds. */
export const contributionShape: z.ZodType<Contribution> = z
  .union([skill, command, agent, hook, mcp, lsp, monitor, file])
  .meta({ id: "contribution" });
