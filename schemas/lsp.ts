import * as z from "zod";

/** One LSP server as a file writes it. */
export interface LspServerJson {
  readonly command: string;
  readonly extensionToLanguage: Readonly<Record<string, string>>;
  readonly args?: readonly string[] | undefined;
  readonly transport?: "stdio" | "socket" | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly initializationOptions?: unknown;
  readonly settings?: unknown;
  readonly workspaceFolder?: string | undefined;
  readonly startupTimeout?: number | undefined;
  readonly shutdownTimeout?: number | undefined;
  readonly restartOnCrash?: boolean | undefined;
  readonly maxRestarts?: number | undefined;
  readonly diagnostics?: boolean | undefined;
}

/** One LSP server; strict: an unknown key makes its whole file unusable (formats.md §7.2). */
export const lspServerSchema: z.ZodType<LspServerJson> = z
  .strictObject({
    command: z
      .string()
      .min(1)
      .refine((command) => command.startsWith("/") || !command.includes(" "), {
        error: "a command with a space must be an absolute path; put arguments into `args`",
      }),
    extensionToLanguage: z
      .record(z.string().regex(/^\../, { error: "an extension starts with a dot" }), z.string().min(1))
      .refine((map) => Object.keys(map).length > 0, { error: "at least one extension is needed" }),
    args: z.array(z.string().min(1)).optional(),
    transport: z.enum(["stdio", "socket"]).optional(),
    env: z.record(z.string(), z.string()).optional(),
    initializationOptions: z.unknown().optional(),
    settings: z.unknown().optional(),
    workspaceFolder: z.string().optional(),
    startupTimeout: z.number().int().positive().optional(),
    shutdownTimeout: z.number().int().positive().optional(),
    restartOnCrash: z.boolean().optional(),
    maxRestarts: z.number().int().nonnegative().optional(),
    diagnostics: z.boolean().optional(),
  })
  .meta({ title: "LSP server", description: "How to start one language server and for which files" });

/** `.lsp.json`: server name → configuration. */
export const lspJsonSchema: z.ZodType<Readonly<Record<string, LspServerJson>>> = z
  .record(z.string().min(1), lspServerSchema)
  .meta({ title: ".lsp.json", description: "Language servers of a plugin" });
