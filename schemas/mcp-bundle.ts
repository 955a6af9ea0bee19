import * as z from "zod";

/** How the server of a bundle is started on one platform, as far as that is otherwise there. */
export interface BundleOverrideJson {
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** How the server of a bundle is started. */
export interface BundleStartJson extends BundleOverrideJson {
  readonly command: string;
  readonly platform_overrides?: Readonly<Record<string, BundleOverrideJson>> | undefined;
}

/** A value that the server of a bundle is started with. */
export interface BundleOptionJson {
  readonly type: "string" | "number" | "boolean" | "directory" | "file";
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
  readonly default?: string | number | boolean | readonly string[] | undefined;
  readonly multiple?: boolean | undefined;
  readonly sensitive?: boolean | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** The parts of a bundle's `manifest.json` that starting its server needs. */
export interface BundleJson {
  readonly name: string;
  readonly server: {
    readonly type?: string | undefined;
    readonly entry_point?: string | undefined;
    readonly mcp_config?: BundleStartJson | undefined;
  };
  readonly user_config?: Readonly<Record<string, BundleOptionJson>> | undefined;
}

const start = {
  command: z.string().min(1),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
};
const startSchema = z.looseObject({
  ...start,
  platform_overrides: z.record(z.string(), z.looseObject({ ...start, command: start.command.optional() })).optional(),
});
const optionKey = z.string().regex(/^[A-Za-z_]\w*$/, {
  error: "an option key holds letters, digits and underscores and starts with no digit",
});
const optionSchema = z.looseObject({
  type: z.enum(["string", "number", "boolean", "directory", "file"]),
  title: z.string().optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  multiple: z.boolean().optional(),
  sensitive: z.boolean().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});

/** Checks the `manifest.json` of an MCP bundle; what starting does not need is not looked at. */
export const bundleSchema: z.ZodType<BundleJson> = z.looseObject({
  name: z.string().min(1).max(128),
  server: z.looseObject({
    type: z.string().optional(),
    entry_point: z.string().min(1).optional(),
    mcp_config: startSchema.optional(),
  }),
  user_config: z.record(optionKey, optionSchema).optional(),
});
