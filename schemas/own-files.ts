import * as z from "zod";
import { marketplaceSourceSchema } from "./source-schema.ts";

const schema = z.literal(1).describe("Version of this file's shape");
const digest = z.string().regex(/^sha256-[0-9a-f]{64}$/);
const pluginId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9._-]*$/);
const range = z.string().max(256);
const ranges = z.record(pluginId, range);

/** Shape of `plugins.json`; `readIntent` is its reader. */
export const intentSchema: z.ZodType = z
  .looseObject({
    $schema: z.string().optional(),
    schema,
    marketplaces: z.record(z.string(), marketplaceSourceSchema).optional(),
    plugins: z
      .record(
        pluginId,
        z.union([
          range,
          z.looseObject({ version: range.optional(), enabled: z.boolean().optional(), path: z.string().optional() }),
        ]),
      )
      .optional(),
    overrides: ranges.optional().describe("Ranges that replace every range on that plugin"),
    disabledComponents: z.record(pluginId, z.array(z.string())).optional(),
  })
  .meta({ title: "plugins.json", description: "Wanted marketplaces and plugins" });

const lockedSource = z.union([
  z.looseObject({
    kind: z.literal("git"),
    url: z.string(),
    commit: z.string().regex(/^[0-9a-f]{40}$/),
    path: z.string(),
    tag: z.string().optional(),
    ref: z.string().optional(),
  }),
  z.looseObject({ kind: z.literal("directory"), path: z.string() }),
  z.looseObject({
    kind: z.literal("npm"),
    package: z.string(),
    version: z.string(),
    registry: z.string().optional(),
    integrity: z.string(),
    path: z.string().optional(),
  }),
  z.looseObject({ kind: z.literal("archive"), url: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.looseObject({ kind: z.literal("command"), command: z.string().min(1).max(500) }),
]);

const lockedTools = z
  .record(z.string(), z.record(z.string(), digest))
  .describe("What tools of its MCP servers are locked to: server -> tool -> digest of what it says");

const lockedPackages = z.looseObject({
  commands: z
    .record(z.string(), z.record(z.string(), z.string()))
    .describe("Package that a command names -> its commands -> their files"),
  packages: z
    .record(z.string(), z.string())
    .describe(
      "Folder below `node_modules` -> version, digest, and what is known of it: `npm=` its name, `optional`, `bundles`, `script`, `os=`, `cpu=`, `libc=`",
    ),
});

const imageDigest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const lockedLauncher = z.union([
  lockedPackages,
  z.looseObject({ image: imageDigest.describe("Of the manifest or index of a container image") }),
]);

/** Shape of `plugins.lock`; `readLockfile` is its reader. */
export const lockfileSchema: z.ZodType = z
  .looseObject({
    schema,
    marketplaces: z.record(
      z.string(),
      z.looseObject({ source: marketplaceSourceSchema, identity: z.string(), revision: z.string() }),
    ),
    plugins: z.record(
      pluginId,
      z.looseObject({
        version: z.string(),
        source: lockedSource,
        tree: digest,
        manifest: digest,
        reader: z.int().positive().optional().describe("Version of the reader that made the manifest; 1 when absent"),
        dependencies: ranges,
        entry: z.record(z.string(), z.unknown()).optional(),
        tools: lockedTools.optional(),
      }),
    ),
    launchers: z
      .record(z.string(), lockedLauncher)
      .optional()
      .describe("What `npx`, `docker run` and their like start, by packages or, after `oci:`, image"),
  })
  .meta({ title: "plugins.lock", description: "The resolved set, pinned by digest" });

const generationPlugin = z.looseObject({
  id: pluginId,
  version: z.string(),
  tree: digest,
  manifest: digest,
  reader: z.int().positive().optional().describe("As in the lock; of a private pick"),
  format: z.enum(["claude-code", "agent-plugins", "skill-folder", "entry"]),
  source: lockedSource,
  enabled: z.boolean(),
  requested: z.boolean(),
  scope: z.enum(["user", "project", "local"]),
  disabledComponents: z.array(z.string()),
  dependencies: ranges,
  entry: z.record(z.string(), z.unknown()).optional().describe("Catalog entry of a private pick"),
  consent: z.string(),
  provides: z.record(z.string(), z.number()),
  tokens: z.number(),
  packages: z
    .union([
      z.looseObject({ tree: digest, count: z.number() }),
      z.looseObject({ problem: z.string(), hint: z.string().optional() }),
    ])
    .optional()
    .describe("Its own npm packages: the tree that has them, or why there is none"),
  launchers: z
    .record(
      z.string(),
      z.union([
        z.looseObject({
          tree: digest,
          program: z.string(),
          node: z.boolean(),
          packages: z.array(z.string()),
          count: z.number(),
        }),
        z.looseObject({ image: imageDigest.describe("The container engine keeps it") }),
        z.looseObject({ problem: z.string(), hint: z.string().optional(), locked: z.boolean() }),
      ]),
    )
    .optional()
    .describe("What its commands download and start: the tree that has it, or why there is none"),
  tools: lockedTools.optional(),
  lockedLaunchers: z.record(z.string(), lockedLauncher).optional().describe("As in the lock; of a private pick"),
  bytes: z.number(),
  installedAt: z.string(),
});

/** Shape of a generation; `readGeneration` is its reader. */
export const generationSchema: z.ZodType = z
  .looseObject({
    schema,
    number: z.int(),
    parent: z.int(),
    createdAt: z.string(),
    verb: z.string(),
    root: z.string(),
    roots: z.record(
      z.string(),
      z.looseObject({
        lockDigest: z.string(),
        plugins: z.array(generationPlugin),
        made: z.array(z.enum(["intent", "lock", "local"])).optional(),
      }),
    ),
    audit: z.array(z.string()),
  })
  .meta({ title: "Generation", description: "What this machine runs" });
