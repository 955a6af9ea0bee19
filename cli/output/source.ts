import * as z from "zod";
import type { ImageDigest } from "../../schemas/launchers/image-reference.ts";
import type { Digest, LockedSource } from "../../schemas/lockfile.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";

/** `sha256-` and 64 hexadecimal digits. */
export const digestShape: z.ZodType<Digest> = z
  .templateLiteral(["sha256-", z.string().regex(/^[0-9a-f]{64}$/)])
  .meta({ id: "digest" });

/** `sha256:` and 64 hexadecimal digits, as registries of images write it. */
export const imageDigestShape: z.ZodType<ImageDigest> = z
  .templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)])
  .meta({ id: "imageDigest" });

const text = z.string();

/** Exactly which bytes a version stands for. */
export const lockedSourceShape: z.ZodType<LockedSource> = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("git"),
      url: text,
      commit: z.string().regex(/^[0-9a-f]{40}$/),
      path: text,
      tag: text.optional(),
      ref: text.optional(),
    }),
    z.strictObject({ kind: z.literal("directory"), path: text }),
    z.strictObject({
      kind: z.literal("npm"),
      package: text,
      version: text,
      registry: text.optional(),
      integrity: text,
      path: text.optional(),
    }),
    z.strictObject({ kind: z.literal("archive"), url: text, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    z.strictObject({ kind: z.literal("command"), command: text }),
  ])
  .meta({ id: "lockedSource" });

/** Where a marketplace comes from. */
export const marketplaceSourceShape: z.ZodType<MarketplaceSource> = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("directory"), path: text }),
    z.strictObject({ kind: z.literal("file"), path: text }),
    z.strictObject({ kind: z.literal("github"), repo: text, ref: text.optional(), path: text.optional() }),
    z.strictObject({ kind: z.literal("git"), url: text, ref: text.optional(), path: text.optional() }),
    z.strictObject({ kind: z.literal("url"), url: text }),
    z.strictObject({
      kind: z.literal("npm"),
      package: text,
      version: text.optional(),
      registry: text.optional(),
    }),
  ])
  .meta({ id: "marketplaceSource" });
