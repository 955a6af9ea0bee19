import * as z from "zod";
import type { ConsentItem, Plan, PlanCollision, PlanExecutable } from "../../marketplace/plan/plan.ts";
import { agentOutlookShape } from "./agent.ts";
import { pluginDiagnosticShape } from "./diagnostic.ts";
import { differenceShape, sinceAcceptedShape } from "./difference.ts";
import { digestShape, lockedSourceShape } from "./source.ts";

/** Counts of contributions by kind. */
export const providesShape: z.ZodType<Readonly<Record<string, number>>> = z
  .record(z.string(), z.int().min(0))
  .meta({ id: "provides", description: "Contributions by kind" });

/** Something that can execute. */
export const executableShape: z.ZodType<PlanExecutable> = z
  .strictObject({
    id: z.string(),
    kind: z.string(),
    name: z.string(),
    display: z.string().describe("The whole command, address or path"),
  })
  .meta({ id: "executable" });

const step = z.strictObject({
  id: z.string(),
  action: z.enum(["install", "update", "downgrade", "reinstall", "remove", "enable", "disable", "keep"]),
  from: z.string().optional(),
  to: z.string().optional(),
  why: z
    .array(z.strictObject({ id: z.string(), range: z.string() }))
    .describe("From what was asked for to this plugin, each with the range that leads to the next"),
  source: lockedSourceShape.optional(),
  tree: digestShape.optional(),
  components: z.array(z.string()).optional().describe("Set when these alone are switched, not the plugin"),
  bytes: z.int(),
  provides: providesShape,
  tokens: z.int(),
});

const consentItemShape: z.ZodType<ConsentItem> = z
  .strictObject({
    id: z.string(),
    version: z.string(),
    closure: digestShape.describe("The digest that `--accept` takes"),
    tree: digestShape.describe("The digest of its files"),
    previous: digestShape.optional().describe("What was accepted before"),
    manifest: digestShape.optional().describe("The digest of its canonical manifest, once there is one"),
    since: sinceAcceptedShape
      .optional()
      .describe("How it differs from what was accepted before; absent when those files are not known any more"),
    executables: z.array(executableShape),
    origin: z.string(),
    moved: z
      .strictObject({ tag: z.string(), from: z.string(), to: z.string() })
      .optional()
      .describe("Set when the tag that was locked names another commit now, with other files"),
  })
  .meta({ id: "consentItem" });

/** A name that several plugins answer to. */
export const collisionShape: z.ZodType<PlanCollision> = z.strictObject({
  kind: z.string(),
  name: z.string(),
  ids: z.array(z.string()),
  effect: z.string(),
});

/** What a verb would change, gain, shadow, run and cost. */
export const planShape: z.ZodType<Plan> = z
  .strictObject({
    verb: z.string(),
    scope: z.enum(["user", "project", "local"]),
    root: z.string().describe("`user`, or the real path of the project"),
    steps: z.array(step),
    differences: z
      .array(z.strictObject({ id: z.string(), difference: differenceShape }))
      .describe("How plugins that get other files differ from what they were; of the first hundred"),
    collisions: z.array(collisionShape),
    executables: z.array(executableShape),
    consent: z.array(consentItemShape),
    packages: z
      .array(
        z.strictObject({
          id: z.string(),
          count: z.int(),
          hosts: z.array(z.string()),
          scripts: z.array(z.string()).describe("Names of those with an install script, which is not run"),
        }),
      )
      .describe("npm packages that have to be fetched"),
    launchers: z
      .array(
        z.strictObject({
          id: z.string(),
          component: z.string().describe("What starts it"),
          packages: z.array(z.string()).optional().describe("`name@version` of what it is locked to"),
          image: z.string().optional().describe("The container image with the digest that it is locked to"),
          before: z.array(z.string()).optional().describe("What it was locked to before"),
          count: z.int().optional().describe("How many packages are locked with it, on all platforms"),
          unlocked: z.string().optional().describe("Why each start may run other code"),
        }),
      )
      .describe("Commands that download what they start, of plugins that change"),
    tools: z
      .array(
        z.strictObject({
          id: z.string(),
          server: z.string(),
          count: z.int().describe("How many of its tools are locked afterwards"),
          added: z.array(z.string()).describe("Tools that were not locked before"),
          changed: z.array(z.string()).describe("Tools that were locked to something else"),
          removed: z
            .array(z.string())
            .describe("Tools that are not locked any more, e.g. because the plugin is another one"),
        }),
      )
      .describe("MCP servers whose tools are locked to something else than before"),
    cycles: z.array(z.array(z.string())),
    tokensDelta: z.int(),
    bytesDelta: z.int(),
    diagnostics: z.array(pluginDiagnosticShape),
    agents: z.array(agentOutlookShape),
    notes: z.array(z.string()),
  })
  .meta({ id: "plan" });
