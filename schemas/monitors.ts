import * as z from "zod";

/** One background monitor as a file writes it. */
export interface MonitorJson {
  readonly name: string;
  readonly command: string;
  readonly description: string;
  readonly when?: string | undefined;
}

/** One monitor; strict (formats.md §1.8). */
export const monitorSchema: z.ZodType<MonitorJson> = z
  .strictObject({
    name: z.string().min(1),
    command: z.string().min(1),
    description: z.string().min(1),
    when: z
      .string()
      .regex(/^(?:always|on-skill-invoke:.+)$/, { error: "use `always` or `on-skill-invoke:<skill>`" })
      .optional(),
  })
  .meta({ title: "Monitor", description: "A command whose output lines are shown to the model" });

/** `monitors/monitors.json`. */
export const monitorsJsonSchema: z.ZodType<readonly MonitorJson[]> = z
  .array(monitorSchema)
  .meta({ title: "monitors.json", description: "Background monitors of a plugin" });
