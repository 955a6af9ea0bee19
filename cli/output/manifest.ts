import * as z from "zod";
import type { PluginFormat, PluginManifest, UserOption } from "../../schemas/plugin-manifest.ts";
import { contributionShape } from "./contribution.ts";
import { provenanceShape } from "./diagnostic.ts";

const text = z.string();

const userConfig: z.ZodType<Readonly<Record<string, UserOption>>> = z.record(
  text,
  z.strictObject({
    type: z.enum(["string", "number", "boolean", "directory", "file"]),
    title: text,
    description: text,
    required: z.boolean(),
    sensitive: z.boolean(),
    multiple: z.boolean(),
    default: z.union([text, z.number(), z.boolean(), z.array(text)]).optional(),
    options: z.array(text).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
);

/** The format that a plugin was read from. */
export const formatShape: z.ZodType<PluginFormat> = z.enum(["claude-code", "agent-plugins", "skill-folder", "entry"]);

/** A plugin in its canonical form. */
export const manifestShape: z.ZodType<PluginManifest> = z
  .strictObject({
    schema: z.literal(1),
    format: formatShape,
    name: text,
    displayName: text.optional(),
    version: text.optional(),
    description: text.optional(),
    author: z.strictObject({ name: text, email: text.optional(), url: text.optional() }).optional(),
    homepage: text.optional(),
    repository: text.optional(),
    license: text.optional(),
    keywords: z.array(text),
    defaultEnabled: z.boolean(),
    dependencies: z.array(z.strictObject({ name: text, market: text.optional(), range: text, where: provenanceShape })),
    userConfig,
    channels: z.array(z.strictObject({ server: text, displayName: text.optional(), userConfig })),
    settings: z.record(text, z.unknown()),
    contributions: z.array(contributionShape),
    plugsmith: z
      .strictObject({
        entry: text.optional(),
        engine: text.optional(),
        capabilities: z.unknown().optional(),
        contributes: z.unknown().optional(),
        points: z.unknown().optional(),
        provides: z.unknown().optional(),
        uses: z.unknown().optional(),
        activation: z.unknown().optional(),
      })
      .optional(),
    provenance: z.record(text, provenanceShape).describe("Manifest field to the place where it was read"),
  })
  .meta({ id: "manifest", description: "A plugin in its canonical form, whatever format it came in" });
