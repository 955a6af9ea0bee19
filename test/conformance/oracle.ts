import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { Findings } from "../../schemas/formats/findings.ts";
import type { FileTree } from "../../schemas/formats/index.ts";
import { tolerantTree } from "../../schemas/formats/tolerant-tree.ts";
import { readPlugin, validatePlugin } from "../../schemas/formats/index.ts";
import { readCatalog, validateCatalog } from "../../schemas/marketplace.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";

const answerSchema = z.object({
  ok: z.boolean(),
  errors: z.number().default(0),
  manifestErrors: z.array(z.string()).default([]),
  provides: z.record(z.string(), z.array(z.string())).default({}),
});
const oracleSchema = z.object({
  version: z.string().default("of an unknown version"),
  roots: z.record(z.string(), answerSchema).default({}),
  markets: z.record(z.string(), answerSchema).default({}),
});

type Answer = z.infer<typeof answerSchema>;

/** One point on which the reference client and we differ. */
export interface Disagreement {
  readonly what: "inventory" | "verdict";
  readonly kind: "plugin" | "marketplace";
  readonly place: string;
  readonly reference: string;
  readonly ours: string;
}

/** Two numbers that ought to be equal. */
export interface Agreement {
  readonly agreed: number;
  readonly compared: number;
}

/** How far we agree with the reference client. */
export interface OracleComparison {
  readonly version: string;
  /** Names by kind, over the plugin roots for which the reference lists them: those it accepts. */
  readonly inventory: Agreement;
  /** Accept or refuse, over plugin roots and marketplaces. */
  readonly verdict: Agreement;
  readonly disagreements: readonly Disagreement[];
  /** Places of the oracle that the corpus does not hold. */
  readonly absent: readonly string[];
}

/** Bars of the comparison. */
export const ORACLE_BARS = { inventory: 0.99, verdict: 0.95 } as const;

/** Compares every plugin root and marketplace of an oracle file with what our strict view says of the same files. */
export function compareWithOracle(directory: string, oracleFile: string): OracleComparison {
  const oracle = oracleSchema.parse(JSON.parse(readFileSync(oracleFile, "utf8")));
  const disagreements: Disagreement[] = [];
  const absent: string[] = [];
  const inventory = { agreed: 0, compared: 0 };
  const verdict = { agreed: 0, compared: 0 };
  const judge = (kind: Disagreement["kind"], place: string, answer: Answer, errors: readonly Diagnostic[]): void => {
    verdict.compared++;
    if (answer.ok === (errors.length === 0)) verdict.agreed++;
    else {
      const reference = answer.ok
        ? "accepted"
        : `refused: ${answer.manifestErrors.join(", ") || `${answer.errors} errors`}`;
      const ours = errors.length === 0 ? "accepted" : `refused: ${errors.slice(0, 3).map(inWords).join("; ")}`;
      disagreements.push({ what: "verdict", kind, place, reference, ours });
    }
  };
  for (const [place, answer] of Object.entries(oracle.roots)) {
    const path = join(directory, place);
    if (!existsSync(path)) {
      absent.push(place);
      continue;
    }
    const findings = new Findings();
    const tree = openListed(path, findings);
    judge(
      "plugin",
      place,
      answer,
      tree === undefined ? findings.all() : validatePlugin(tree).diagnostics.filter(isError),
    );
    if (!answer.ok) continue;
    inventory.compared++;
    const difference = inventoryDifference(answer, provided(tree && readPlugin(tree).manifest));
    if (difference === undefined) inventory.agreed++;
    else disagreements.push({ what: "inventory", kind: "plugin", place, ...difference });
  }
  for (const [place, answer] of Object.entries(oracle.markets)) {
    const path = join(directory, place);
    if (existsSync(path)) judge("marketplace", place, answer, marketplaceErrors(path));
    else absent.push(place);
  }
  return { version: oracle.version, inventory, verdict, disagreements, absent };
}

const KINDS: Readonly<Record<string, string>> = {
  skill: "skills",
  command: "commands",
  agent: "agents",
  hook: "hooks",
  mcp: "mcpServers",
  lsp: "lspServers",
  "output-style": "outputStyles",
};

/** Names by kind as the reference writes them; a name counts once, as the reference lists equal hooks of a group once. */
function provided(manifest: PluginManifest | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const contribution of manifest?.contributions ?? []) {
    const kind = KINDS[contribution.kind];
    if (kind === undefined) continue;
    const set = names.get(kind) ?? new Set();
    names.set(kind, set);
    if (contribution.kind === "hook") set.add(`${contribution.event}/${contribution.handler.type}`);
    else if (contribution.kind === "mcp" && contribution.config.transport === "bundle")
      set.add(bundleName(contribution.config.location));
    else if (contribution.kind === "mcp" || contribution.kind === "lsp") set.add(contribution.name);
    else set.add(`${manifest?.name ?? ""}:${contribution.name}`);
  }
  return names;
}

/** The reference names a bundle by what the manifest says of it. */
function bundleName(location: string): string {
  return location.startsWith("https:") ? location : `./${location}`;
}

function inventoryDifference(
  answer: Answer,
  ours: ReadonlyMap<string, ReadonlySet<string>>,
): { readonly reference: string; readonly ours: string } | undefined {
  const onlyReference: string[] = [];
  const onlyOurs: string[] = [];
  for (const kind of new Set([...Object.keys(answer.provides), ...ours.keys()])) {
    const reference = new Set(answer.provides[kind] ?? []);
    const mine = ours.get(kind) ?? new Set();
    onlyReference.push(...[...reference].filter((name) => !mine.has(name)).map((name) => `${kind} ${name}`));
    onlyOurs.push(...[...mine].filter((name) => !reference.has(name)).map((name) => `${kind} ${name}`));
  }
  if (onlyReference.length === 0 && onlyOurs.length === 0) return undefined;
  return { reference: onlyReference.join(", ") || "–", ours: onlyOurs.join(", ") || "–" };
}

const MANIFEST = ".claude-plugin/plugin.json";

/** What our strict view refuses in a marketplace: its catalog, and the manifest files of the plugins that lie in it. */
function marketplaceErrors(path: string): readonly Diagnostic[] {
  const file = ".claude-plugin/marketplace.json";
  const findings = new Findings();
  const opened = openListed(path, findings);
  if (opened === undefined) return findings.all();
  const tree = tolerantTree(opened, findings);
  let text: Uint8Array | undefined;
  try {
    text = tree.read(file);
  } catch (problem) {
    findings.caught(problem, file, "marketplace");
    return findings.all();
  }
  if (text === undefined) return [{ code: "E_CATALOG", severity: "error", message: "there is no catalog", file }];
  const errors = validateCatalog(text, { file }).filter(isError);
  if (errors.some(({ dropped }) => dropped === "marketplace")) return errors;
  const { value } = readCatalog(text, { file });
  for (const entry of value.entries) {
    if (entry.source.kind !== "relative") continue;
    if (tree.stat([entry.source.path, MANIFEST].filter((part) => part !== "").join("/"))?.kind !== "file") continue;
    const listed = openListed(join(path, entry.source.path), findings);
    const diagnostics = listed === undefined ? [] : validatePlugin(listed, { market: value.name }).diagnostics;
    findings.include(diagnostics.filter((finding) => isError(finding) && finding.file === MANIFEST));
  }
  return [...errors, ...findings.all().filter(isError)];
}

/** The tree at a path; `undefined` with a finding when the system does not open it. */
function openListed(path: string, findings: Findings): FileTree | undefined {
  try {
    return openDirectoryTree(path);
  } catch (problem) {
    findings.caught(problem, "", "plugin");
    return undefined;
  }
}

function isError(finding: Diagnostic): boolean {
  return finding.severity === "error";
}

function inWords(finding: Diagnostic): string {
  return `${finding.code} at ${finding.file ?? "?"}:${finding.line ?? 1}`;
}
