import * as z from "zod";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import { diagnosticShape } from "./diagnostic.ts";
import { executableShape, providesShape } from "./plan.ts";
import { formatShape, manifestShape } from "./manifest.ts";
import { digestShape, imageDigestShape, lockedSourceShape } from "./source.ts";

const scope = z.enum(["user", "project", "local"]);
const root = z.string().describe("`user`, or the real path of a project");
const state = z.enum(["on", "disabled", "shadowed", "broken"]).describe("What a session started here makes of it");

/** One row of `list`; `loads` and `diagnostics` with `--check`, for the plugins that are on. */
export const listedShape: z.ZodType = z
  .strictObject({
    id: z.string(),
    version: z.string(),
    scope,
    root,
    state,
    enabled: z.boolean(),
    requested: z.boolean().describe("Named by a person, not only needed by another plugin"),
    provides: providesShape,
    tokens: z.int(),
    bytes: z.int(),
    tree: digestShape,
    disabledComponents: z.array(z.string()),
    loads: z.boolean().optional(),
    diagnostics: z.array(diagnosticShape).optional(),
  })
  .meta({ id: "listedPlugin" });

const generationPlugin: z.ZodType<GenerationPlugin> = z
  .strictObject({
    id: z.string(),
    version: z.string(),
    tree: digestShape,
    manifest: digestShape,
    format: formatShape,
    source: lockedSourceShape,
    enabled: z.boolean(),
    requested: z.boolean(),
    scope,
    disabledComponents: z.array(z.string()),
    dependencies: z.record(z.string(), z.string()),
    consent: z.union([digestShape, z.literal("")]).describe("Empty when nothing can execute"),
    provides: providesShape,
    tokens: z.int(),
    packages: z
      .union([
        z.strictObject({ tree: digestShape.describe("The tree with them, which is run"), count: z.int() }),
        z.strictObject({ problem: z.string(), hint: z.string().optional() }),
      ])
      .optional()
      .describe("The npm packages that it locks, or why they are not there"),
    launchers: z
      .record(
        z.string(),
        z.union([
          z.strictObject({
            tree: digestShape.describe("The tree that holds it and all that it needs"),
            program: z.string(),
            node: z.boolean().describe("Whether Node runs it"),
            packages: z.array(z.string()).describe("`name@version` of what the command names"),
            count: z.int(),
          }),
          z.strictObject({ image: imageDigestShape.describe("Digest of an image that the container engine keeps") }),
          z.strictObject({
            problem: z.string(),
            hint: z.string().optional(),
            locked: z.boolean().describe("Locked all the same: nothing is started in its place"),
          }),
        ]),
      )
      .optional()
      .describe("What its commands download and start, by the packages that they name or, after `oci:`, the image"),
    lockedLaunchers: z.record(z.string(), z.unknown()).optional().describe("Of a private pick, as in the lock"),
    bytes: z.int(),
    installedAt: z.iso.datetime(),
  })
  .meta({ id: "installedPlugin" });

/** One installed plugin as `info` shows it. */
export const installedInfoShape: z.ZodType = z.strictObject({
  root,
  state,
  plugin: generationPlugin,
  manifest: manifestShape,
  executables: z.array(executableShape),
  launchers: z
    .array(
      z.strictObject({
        component: z.string(),
        locked: z.array(z.string()).optional().describe("`name@version` of what it starts"),
        count: z.int().optional(),
        image: z.string().optional().describe("The container image that it starts, with its digest"),
        unlocked: z.string().optional().describe("Why each start may run other code"),
        missing: z.string().optional().describe("Why it is not started, though it is locked"),
        hint: z.string().optional(),
      }),
    )
    .describe("Commands that download what they start"),
  directory: z.string(),
  dependants: z.array(z.string()),
});

/** One answer of `why`. */
export const whyShape: z.ZodType = z.strictObject({
  id: z.string(),
  version: z.string(),
  root,
  scope,
  requested: z.boolean(),
  chains: z.array(z.array(z.strictObject({ id: z.string(), range: z.string() }))),
});
