import * as z from "zod";
import type { GarbageKind } from "../../marketplace/gc/garbage.ts";
import { AUDIT_DOCUMENTS } from "./audit.ts";
import { agentOutcomeShape, knownAgentShape } from "./agent.ts";
import { diagnosticShape, findingShape } from "./diagnostic.ts";
import { failureShape } from "./failure.ts";
import { bisectMembers, diffMembers } from "./difference.ts";
import { doctorMembers, homeMembers } from "./doctor.ts";
import { importMembers } from "./import.ts";
import { installedInfoShape, listedShape, whyShape } from "./installed.ts";
import { manifestShape } from "./manifest.ts";
import { marketShape, refreshShape } from "./market.ts";
import { outdatedShape } from "./outdated.ts";
import { executableShape, planShape, providesShape } from "./plan.ts";
import { CONFIG_DOCUMENTS, unsetOptions } from "./config.ts";
import { POLICY_DOCUMENTS } from "./policy.ts";
import { SESSION_DOCUMENTS } from "./session.ts";
import { devMembers, testMembers } from "./tests.ts";

const diagnostics = z.array(diagnosticShape);
const generation = z.int().min(0).describe("The generation that is current now; 0 before the first");

const change = {
  outcome: z.enum(["done", "nothing", "dry-run", "declined"]),
  generation,
  plan: planShape,
  agents: z.array(agentOutcomeShape).describe("What became of the other agents that this root is carried into"),
  repaired: z
    .array(z.string())
    .describe("Ids that stay as they were and whose missing or damaged files were fetched again"),
  codeMode: z.string().optional().describe("How code of the plan's plugins runs on this machine"),
};

const switched = {
  outcome: z.enum(["done", "nothing", "dry-run"]),
  builtins: z.array(z.string()).describe("Ids of built-in plugins"),
  file: z.string().describe("The settings that say so"),
};

const validation = {
  kind: z.enum(["plugin", "marketplace"]),
  path: z.string(),
  plugins: z.array(z.strictObject({ name: z.string(), provides: providesShape })),
  diagnostics,
  fixed: z
    .array(z.strictObject({ file: z.string(), code: z.string() }))
    .optional()
    .describe("With `--fix`; with `--dry-run` too, what would be fixed"),
};

const created = {
  outcome: z.enum(["created", "dry-run"]),
  name: z.string(),
  marketplace: z.boolean().describe("Whether the plugin lies in a marketplace of its name"),
  directory: z.string(),
  parts: z.array(z.string()).describe("The words of `--with`"),
  files: z.array(z.string()).describe("Relative to the directory"),
};

const digest = z.string().regex(/^sha256-[0-9a-f]{64}$/u);

const packed = {
  outcome: z.enum(["packed", "dry-run"]),
  name: z.string(),
  version: z.string().optional(),
  file: z.string().describe("Absolute path of the archive"),
  bytes: z.int().min(1).describe("Of the archive"),
  digest: digest.describe("Of the archive"),
  tree: digest.describe("Of its content, however it is compressed"),
  announced: z.array(z.string()).describe("Keys under `plugsmith` of the manifest that were written"),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int().min(0), executable: z.boolean(), why: z.string() })),
  leftOut: z.array(z.strictObject({ path: z.string(), why: z.string() })),
};

const released = {
  outcome: z.enum(["released", "dry-run", "declined", "nothing"]),
  plugins: z.array(
    z.strictObject({
      name: z.string(),
      folder: z.string().describe("From the top of the repository, empty for the top itself"),
      from: z.string().optional().describe("Absent for the first release"),
      to: z.string(),
      level: z.enum(["first", "major", "minor", "patch"]).describe("What the changes ask for at least"),
      reasons: z.array(z.string()),
      tag: z.string(),
    }),
  ),
  unchanged: z.int().min(0),
  blocked: z.array(z.string()).describe("What would have to be done before a release; empty unless it is a dry run"),
  commit: z.string().optional(),
  signed: z.boolean().optional(),
  published: z.array(z.string()).optional().describe("With `--npm`, `name@version`"),
};

const releaseWorkflow = { path: z.string(), workflow: z.string() };

const garbageKind: z.ZodType<GarbageKind> = z.enum([
  "generation",
  "tree",
  "staging",
  "lease",
  "catalog",
  "repository",
  "packages",
  "link",
  "compiled",
]);

const offered = z.strictObject({
  id: z.string(),
  versions: z.array(z.string()).describe("Newest first"),
  manifest: manifestShape.optional().describe("Absent when the newest version would not load"),
  executables: z.array(executableShape),
  diagnostics,
});

/** Members of each verb's document beside `ok`, `verb` and `remarks`; several when a verb answers in several forms. */
const MEMBERS: Readonly<Record<string, readonly Readonly<Record<string, z.ZodType>>[]>> = {
  add: [{ ...change, unsetOptions }],
  remove: [change],
  enable: [change, switched],
  disable: [change, switched],
  update: [change],
  sync: [change],
  rollback: [change],
  agents: [{ agents: z.array(knownAgentShape), diagnostics }],
  import: [importMembers(change)],
  doctor: [doctorMembers, homeMembers],
  list: [{ generation, plugins: z.array(listedShape), diagnostics }],
  info: [{ installed: z.array(installedInfoShape), diagnostics }, { offered }],
  diff: [diffMembers],
  bisect: [bisectMembers],
  outdated: [{ outdated: z.array(outdatedShape), diagnostics }],
  why: [{ answers: z.array(whyShape), diagnostics }],
  generations: [
    {
      generations: z.array(
        z.strictObject({
          number: z.int().min(1),
          parent: z.int().min(0),
          createdAt: z.iso.datetime(),
          verb: z.string(),
          root: z.string(),
          current: z.boolean(),
        }),
      ),
      diagnostics,
    },
  ],
  "bundle export": [
    {
      outcome: z.enum(["exported", "dry-run"]),
      file: z.string().describe("Absolute path of the archive"),
      bytes: z.int().min(1),
      digest: digest.describe("Of the archive; what `--digest` of `bundle import` takes"),
      plugins: z.array(z.string()),
      marketplaces: z.array(z.string()),
      packages: z.int().min(0).describe("npm packages that plugins lock"),
      images: z.array(z.string()).describe("Container images that plugins start and whose bytes are not in it"),
      leftOut: z.array(z.string()).describe("Ids that are folders of this machine"),
    },
  ],
  "bundle import": [change],
  trust: [
    {
      outcome: z.enum(["trusted", "revoked", "unchanged", "listed", "dry-run"]),
      workspace: z.string().optional().describe("Real path of the project directory; absent when listed"),
      workspaces: z.array(z.strictObject({ path: z.string(), at: z.iso.datetime() })),
      diagnostics,
    },
  ],
  verify: [
    {
      checked: z.int().min(0),
      findings: z.array(
        z.strictObject({
          id: z.string(),
          root: z.string(),
          problems: diagnostics,
        }),
      ),
      state: z
        .array(findingShape)
        .describe("What is wrong with locks, generations, the index, catalogs, the log, and trees that nothing runs"),
      repaired: z.array(z.string()).describe("What `--repair` did"),
      diagnostics,
    },
  ],
  ...CONFIG_DOCUMENTS,
  ...POLICY_DOCUMENTS,
  ...AUDIT_DOCUMENTS,
  "cache gc": [
    {
      outcome: z.enum(["done", "nothing", "dry-run"]),
      bytes: z.int().min(0).describe("How many were freed, or would be"),
      removed: z.array(z.strictObject({ kind: garbageKind, path: z.string(), bytes: z.int().min(0) })),
      indexBytes: z.int().min(0).describe("By how much the index of the store shrank"),
      generations: z.array(z.int().min(1)).describe("Those that are kept, newest first"),
      diagnostics,
    },
  ],
  "cache path": [
    {
      home: z.string(),
      store: z.string(),
      cache: z.string().describe("Everything in it can be deleted at any time"),
      git: z.string(),
      npm: z.string(),
      links: z.string(),
    },
  ],
  new: [created],
  validate: [validation],
  pack: [packed],
  release: [released, releaseWorkflow],
  dev: [devMembers],
  test: [testMembers],
  search: [
    {
      plugins: z.array(
        z.strictObject({
          id: z.string(),
          version: z.string().optional(),
          description: z.string().optional(),
          source: z.string(),
        }),
      ),
    },
  ],
  "marketplace add": [
    {
      market: marketShape,
      already: z.boolean(),
      plugins: z.array(z.string()),
      ambiguous: z.array(z.strictObject({ name: z.string(), lines: z.array(z.int()) })),
      diagnostics,
    },
  ],
  "marketplace list": [{ markets: z.array(marketShape) }],
  "marketplace update": [{ results: z.array(refreshShape) }],
  "marketplace remove": [{ market: marketShape, kept: z.array(z.string()) }],
  "marketplace site": [
    {
      market: z.string(),
      out: z.string().describe("Absolute path of the folder"),
      source: z.string().optional().describe("What the pages tell people to add the marketplace by"),
      plugins: z.int().min(0),
      files: z.int().min(0),
      bytes: z.int().min(0),
      removed: z.int().min(0).describe("Files of an earlier site that this one does not have"),
      problems: z.array(z.strictObject({ id: z.string(), problem: z.string() })),
      diagnostics,
    },
  ],
  "marketplace validate": [validation],
  ui: [{ changes: z.int().min(0).describe("How many changes were made before the server ended") }],
  completion: [{ shell: z.enum(["bash", "zsh", "fish"]), script: z.string() }, { names: z.array(z.string()) }],
};

function document(verb: string): z.ZodType {
  const forms = (MEMBERS[verb] ?? []).map((members) =>
    z.strictObject({
      ok: z.boolean().describe("Whether the exit code is 0"),
      verb: z.literal(verb),
      ...members,
      remarks: z.array(z.string()).optional().describe("What went wrong without making the verb fail"),
    }),
  );
  const [only, ...others] = forms;
  const shape = only === undefined || others.length > 0 ? z.union(forms) : only;
  return shape.meta({ id: verb.replace(" ", "-"), description: `What \`plugin ${verb} --json\` prints` });
}

/** What each verb prints with `--json` unless it ends with an error, by its words. */
export const DOCUMENTS: ReadonlyMap<string, z.ZodType> = new Map(
  Object.keys(MEMBERS).map((verb) => [verb, document(verb)]),
);

/** What every verb prints with `--json` when it ends with an error; the verb is empty when none was named. */
export const ERROR_DOCUMENT: z.ZodType = z
  .strictObject({ ok: z.literal(false), verb: z.string(), error: failureShape })
  .meta({ id: "error", description: "What a verb prints instead when it ends with an error" });

/** Any document of `--json`. */
export const OUTPUT: z.ZodType = z
  .union([...DOCUMENTS.values(), ERROR_DOCUMENT, ...SESSION_DOCUMENTS])
  .meta({ title: "Output of `plugin ... --json`, and of `plugsmith` in JSON" });
