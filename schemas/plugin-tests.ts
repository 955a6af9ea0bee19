import * as z from "zod";

/** What a case holds against what happened; a pattern is a text that is looked for as it stands, or `/expression/flags`. */
export interface Expectations {
  /** Names of skills that are invoked. */
  readonly fires?: readonly string[] | undefined;
  /** Names of skills that are not invoked. */
  readonly hidden?: readonly string[] | undefined;
  /** Names of skills that the model never hears of. */
  readonly unlisted?: readonly string[] | undefined;
  /** Names of tools that are called and run. */
  readonly calls?: readonly string[] | undefined;
  /** Names of tools that are called and refused. */
  readonly denied?: readonly string[] | undefined;
  readonly decision?: HookDecision | undefined;
  readonly reason?: string | undefined;
  /** In what hooks tell the model. */
  readonly context?: string | undefined;
  /** In the result of a tool. */
  readonly result?: string | undefined;
  readonly isError?: boolean | undefined;
  /** In what the model is sent. */
  readonly prompt?: string | undefined;
  /** In the last answer of the model. */
  readonly reply?: string | undefined;
  readonly loads?: true | undefined;
}

/** What hooks decide; `none` is no opinion. */
export type HookDecision = "allow" | "ask" | "deny" | "block" | "none";

/** One case of a test file. */
export interface PluginCase {
  readonly name: string;
  /** What a person says, turn by turn. */
  readonly prompt?: string | readonly string[] | undefined;
  /** Steps of a scripted model, or the file of a script, relative to the test file. */
  readonly script?: string | readonly Readonly<Record<string, unknown>>[] | undefined;
  /** A recorded session (`.jsonl`), relative to the test file, whose model answers again. */
  readonly recording?: string | undefined;
  readonly command?: string | undefined;
  /** A hook event. */
  readonly hook?: string | undefined;
  readonly tool?: string | undefined;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** What the tool gave, for hooks that run after it. */
  readonly output?: string | undefined;
  /** Path in the working directory → content. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Files that the model reads before it answers. */
  readonly touches?: readonly string[] | undefined;
  /** Permission rules that a person would have said yes to. */
  readonly allow?: readonly string[] | undefined;
  readonly expect: Expectations;
}

/** A prompt and who should answer it, out of everything that is installed. */
export interface RoutingCase {
  readonly prompt: string;
  /** A skill of the plugin; `none` when none of its skills should. */
  readonly fires: string;
}

/** `tests/*.yaml` of a plugin. */
export interface PluginTests {
  readonly cases?: readonly PluginCase[] | undefined;
  readonly routing?: readonly RoutingCase[] | undefined;
}

const text = z.string().min(1);
const texts = z.array(text);
const names = texts.min(1);

const expectationsSchema: z.ZodType<Expectations> = z.strictObject({
  fires: names.optional().describe("Skills that are invoked"),
  hidden: names.optional().describe("Skills that are not invoked"),
  unlisted: names.optional().describe("Skills that the model never hears of, e.g. for their `paths`"),
  calls: names.optional().describe("Tools that are called and run"),
  denied: names.optional().describe("Tools that are called and refused"),
  decision: z.enum(["allow", "ask", "deny", "block", "none"]).optional().describe("What the hooks decide"),
  reason: text.optional().describe("In the reason of that decision"),
  context: text.optional().describe("In what the hooks tell the model"),
  result: text.optional().describe("In the result of a tool"),
  isError: z.boolean().optional().describe("Whether the tool fails"),
  prompt: text.optional().describe("In what the model is sent"),
  reply: text.optional().describe("In the last answer of the model"),
  loads: z.literal(true).optional().describe("The plugin loads without an error"),
});

/** One item of `cases`. */
export const pluginCaseSchema: z.ZodType<PluginCase> = z.strictObject({
  name: text.describe("Unique in the file"),
  prompt: z.union([text, names]).optional().describe("What a person says, turn by turn"),
  script: z
    .union([text, z.array(z.record(z.string(), z.unknown())).min(1)])
    .optional()
    .describe("Steps of a scripted model, or the file of a script, relative to this file"),
  recording: text.optional().describe("A recorded session, relative to this file, whose model answers again"),
  command: text.optional().describe("A command of the plugin with its words, without the `/`"),
  hook: text.optional().describe("A hook event, e.g. `PreToolUse`"),
  tool: text.optional().describe("A tool, of an MCP server as `server/tool`"),
  input: z.record(z.string(), z.unknown()).optional().describe("Input of the tool"),
  output: text.optional().describe("What the tool gave, for hooks that run after it"),
  files: z.record(text, z.string()).optional().describe("Path in the working directory → content"),
  touches: names.optional().describe("Files that the model reads before it answers"),
  allow: texts.optional().describe("Permission rules, as if a person had said yes"),
  expect: expectationsSchema,
});

/** One item of `routing`. */
export const routingCaseSchema: z.ZodType<RoutingCase> = z.strictObject({
  prompt: text,
  fires: text.describe("A skill of the plugin; `none` when none of its skills should"),
});

/** A test file of a plugin. */
export const pluginTestsSchema: z.ZodType<PluginTests> = z
  .strictObject({ cases: z.array(pluginCaseSchema).optional(), routing: z.array(routingCaseSchema).optional() })
  .meta({ title: "tests/*.yaml", description: "What a plugin must do, for `plugin test`" });
