import * as z from "zod";
import type { SetChange } from "../../marketplace/compare/compare-sets.ts";
import type {
  Amount,
  Change,
  ExecutableFact,
  FileDifference,
  PluginDifference,
  SinceAccepted,
} from "../../marketplace/compare/difference.ts";

const amount: z.ZodType<Amount> = z.strictObject({ before: z.int(), after: z.int() });

/** Facts of one kind that only one side has. */
function changeOf<T>(fact: z.ZodType<T>): z.ZodType<Change<T>> {
  return z.strictObject({ added: z.array(fact), removed: z.array(fact) });
}

/** One file that two states of a plugin do not have alike. */
const fileDifferenceShape: z.ZodType<FileDifference> = z
  .strictObject({
    change: z.enum(["added", "removed", "changed"]),
    path: z.string(),
    program: z.literal(true).optional().describe("It is a program by its mode, its first bytes or its name"),
    lines: z
      .strictObject({ added: z.int().min(0), removed: z.int().min(0) })
      .optional()
      .describe("Absent where one side is no text, or too long"),
  })
  .meta({ id: "fileDifference" });

/** Something that can execute, on one side. */
const executableFactShape: z.ZodType<ExecutableFact> = z.strictObject({
  kind: z.string(),
  name: z.string(),
  display: z.string(),
});

/** How a plugin differs from what a person said yes to. */
export const sinceAcceptedShape: z.ZodType<SinceAccepted> = z
  .strictObject({
    files: z.array(fileDifferenceShape),
    patches: z
      .array(
        z.strictObject({
          path: z.string(),
          text: z
            .string()
            .optional()
            .describe("Unified; absent where a side is no text, too long or not known any more"),
        }),
      )
      .describe("Of files that consent covers and that are new or changed: programs first"),
    hosts: changeOf(z.string()).optional().describe("Absent when the texts of then are not known any more"),
    executables: changeOf(executableFactShape)
      .optional()
      .describe("Absent when the manifest of then is not known any more"),
    capabilities: changeOf(z.string()).optional().describe("Likewise"),
    packages: changeOf(z.string()).describe("npm packages that it locks or that its commands start: `name@version`"),
  })
  .meta({ id: "sinceAccepted" });

/** How two states of a plugin differ. */
export const differenceShape: z.ZodType<PluginDifference> = z
  .strictObject({
    files: z.array(fileDifferenceShape),
    contributions: changeOf(
      z.strictObject({ kind: z.string().describe("Of a component, `service`, or a point"), name: z.string() }),
    ),
    executables: changeOf(executableFactShape),
    capabilities: changeOf(z.string()),
    hosts: changeOf(z.string()).describe("Hosts that texts of the plugin name in addresses"),
    dependencies: changeOf(z.strictObject({ id: z.string(), range: z.string() })),
    requiredOptions: changeOf(z.string()),
    tokens: amount.describe("Always on, an estimate"),
    bytes: amount,
  })
  .meta({ id: "difference" });

const setChangeShape: z.ZodType<SetChange> = z.strictObject({
  root: z.string().describe("`user`, the real path of a project, or empty for a lock or a version"),
  id: z.string(),
  change: z.enum(["added", "removed", "changed", "enabled", "disabled", "switched"]),
  from: z.string().optional(),
  to: z.string().optional(),
  difference: differenceShape.optional(),
  problem: z.string().optional().describe("Why its files could not be compared"),
});

/** Members of what `plugin diff` prints. */
export const diffMembers: Readonly<Record<string, z.ZodType>> = {
  from: z.string(),
  to: z.string(),
  changes: z.array(setChangeShape),
  tokens: amount.describe("Of the plugins that differ, where they are switched on"),
  patches: z
    .array(z.strictObject({ id: z.string(), path: z.string(), text: z.string().describe("Unified") }))
    .optional()
    .describe("With `--patch`"),
};

const bisectChanges: z.ZodType = z.array(
  z.strictObject({
    root: z.string(),
    id: z.string(),
    from: z.string().optional().describe("Absent when it was not there"),
    to: z.string().optional().describe("Absent when it is gone"),
  }),
);

/** Members of what `plugin bisect` prints. */
export const bisectMembers: Readonly<Record<string, z.ZodType>> = {
  outcome: z.enum(["found", "unclear"]).describe("`unclear` when states that could not be tested lie between"),
  good: z.string().describe("The last state that is good, e.g. `generation 3`"),
  bad: z.string().describe("The first state that is bad"),
  culprits: bisectChanges.describe("Of all changes between them those that make it bad"),
  changes: bisectChanges,
  steps: z.array(
    z.strictObject({
      state: z.string(),
      verdict: z.enum(["good", "bad", "skip"]),
      exit: z.int().optional().describe("Absent when a signal ended the command"),
    }),
  ),
};
