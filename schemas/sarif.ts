import * as z from "zod";
import type { Severity } from "./diagnostic.ts";
import { CodedError } from "./errors.ts";
import { readJson, type JsonDocument } from "./json-text.ts";
import { escapeControl } from "./names.ts";

/** One finding of another scanner, as its SARIF log tells it. */
export interface ReportedFinding {
  /** Scanner and rule, e.g. `Semgrep js.eval`. */
  readonly rule: string;
  readonly severity: Severity;
  /** One line without control characters. */
  readonly text: string;
  /** POSIX path as the scanner wrote it, absolute or relative to what it scanned; absent for a finding about the whole. */
  readonly path?: string | undefined;
  /** SHA-256 of the file that was scanned, in hex, where the scanner tells it. */
  readonly sha256?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** A SARIF log that was read. */
export interface ScanReport {
  /** Path for messages. */
  readonly file: string;
  readonly findings: readonly ReportedFinding[];
}

const messageSchema = z.looseObject({
  text: z.string().optional(),
  id: z.string().optional(),
  arguments: z.array(z.string()).optional(),
});
const level = z.enum(["none", "note", "warning", "error"]);
const position = z.int().min(1);
const artifactLocation = z.looseObject({
  uri: z.string().optional(),
  uriBaseId: z.string().optional(),
  index: z.int().optional(),
});
const ruleSchema = z.looseObject({
  id: z.string(),
  messageStrings: z.record(z.string(), messageSchema).optional(),
  defaultConfiguration: z.looseObject({ level: level.optional() }).optional(),
});
const resultSchema = z.looseObject({
  ruleId: z.string().optional(),
  ruleIndex: z.int().optional(),
  rule: z.looseObject({ id: z.string().optional(), index: z.int().optional() }).optional(),
  kind: z.string().optional(),
  level: level.optional(),
  message: messageSchema,
  baselineState: z.string().optional(),
  suppressions: z.array(z.looseObject({ status: z.string().optional() })).optional(),
  locations: z
    .array(
      z.looseObject({
        physicalLocation: z
          .looseObject({
            artifactLocation: artifactLocation.optional(),
            region: z.looseObject({ startLine: position.optional(), startColumn: position.optional() }).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});
const runSchema = z.looseObject({
  tool: z.looseObject({ driver: z.looseObject({ name: z.string(), rules: z.array(ruleSchema).optional() }) }),
  originalUriBaseIds: z.record(z.string(), artifactLocation).optional(),
  artifacts: z
    .array(
      z.looseObject({
        location: artifactLocation.optional(),
        hashes: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
  results: z.array(resultSchema).nullish(),
});
const logSchema = z.looseObject({ version: z.literal("2.1.0"), runs: z.array(runSchema) });

type Run = z.infer<typeof runSchema>;
type Result = z.infer<typeof resultSchema>;

/** A log of a large repository; more is no report on plugins. */
const MAX_BYTES = 20_000_000;
const MAX_TEXT = 300;
const SEVERITIES = { error: "error", warning: "warning", note: "info" } as const;

/**
 * Reads a SARIF 2.1.0 log. What the scanner calls passed, suppressed or gone is no finding. Throws `E_SARIF`, `E_JSON`, `E_LIMIT_SIZE` and
 * `E_LIMIT_DEPTH`, all with `file:line:column`.
 */
export function readSarif(input: Uint8Array, file: string): ScanReport {
  const document = readJson(input, { file, dangerousKeys: "drop", maxBytes: MAX_BYTES });
  const { data, error } = logSchema.safeParse(document.value);
  if (data === undefined) throw malformed(document, file, error.issues[0]);
  return {
    file,
    findings: data.runs.flatMap((run) => (run.results ?? []).flatMap((result) => findingOf(result, run))),
  };
}

function malformed(
  document: JsonDocument,
  file: string,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): CodedError {
  const path = (issue?.path ?? []).filter((part): part is string | number => typeof part !== "symbol");
  const { line, column } = document.locate(path);
  const name = path.length === 0 ? "its top" : `\`${path.map(escapedPart).join(".")}\``;
  const said = issue?.message ?? "it does not fit";
  return new CodedError("E_SARIF", `\`${file}\` is not a SARIF 2.1.0 log: ${name}: ${said.replace(/^./u, lowered)}`, {
    where: `${file}:${String(line)}:${String(column)}`,
    hint: "most scanners write one with `--sarif`, `--format sarif` or `-f sarif`",
  });
}

const escapedPart = (part: string | number): string => escapeControl(String(part)).slice(0, 60);
const lowered = (first: string): string => first.toLowerCase();

function findingOf(result: Result, run: Run): readonly ReportedFinding[] {
  const rules = run.tool.driver.rules ?? [];
  const id = result.ruleId ?? result.rule?.id;
  const index = result.ruleIndex ?? result.rule?.index ?? -1;
  // A rule of a hierarchy is `base/part`.
  const rule = rules[index] ?? rules.find((one) => id === one.id || id?.startsWith(`${one.id}/`) === true);
  const level = result.level ?? rule?.defaultConfiguration?.level ?? "warning";
  if (level === "none" || !isOpen(result)) return [];
  const physical = result.locations?.[0]?.physicalLocation;
  return [
    {
      rule: line(`${run.tool.driver.name} ${id ?? rule?.id ?? ""}`, 100),
      severity: SEVERITIES[level],
      text: line(textOf(result, rule?.messageStrings), MAX_TEXT),
      ...fileOf(physical?.artifactLocation, run),
      line: physical?.region?.startLine,
      column: physical?.region?.startColumn,
    },
  ];
}

/** Of another kind than `fail` it did not fail; who suppressed it has looked at it. */
function isOpen({ kind = "fail", baselineState, suppressions = [] }: Result): boolean {
  const isSuppressed = suppressions.some(({ status = "accepted" }) => status === "accepted");
  return ["fail", "open", "review"].includes(kind) && baselineState !== "absent" && !isSuppressed;
}

function textOf({ message }: Result, strings: Readonly<Record<string, z.infer<typeof messageSchema>>> = {}): string {
  const { id = "", text = Object.hasOwn(strings, id) ? strings[id]?.text : undefined } = message;
  return (text ?? "says no more").replaceAll(
    /\{(\d{1,2})\}/gu,
    (whole, at: string) => message.arguments?.[Number(at)] ?? whole,
  );
}

function fileOf(
  location: z.infer<typeof artifactLocation> | undefined,
  run: Run,
): Pick<ReportedFinding, "path" | "sha256"> {
  if (location === undefined) return {};
  const { artifacts = [] } = run;
  const artifact =
    artifacts[location.index ?? -1] ??
    artifacts.find((one) => one.location?.uri !== undefined && one.location.uri === location.uri);
  const path = pathOf({ ...artifact?.location, ...location }, run);
  const sha256 = artifact?.hashes?.["sha-256"]?.toLowerCase();
  return { path, ...(sha256 !== undefined && { sha256 }) };
}

/** The base is left out where it is relative itself: nobody knows to what. */
function pathOf({ uri = "", uriBaseId }: z.infer<typeof artifactLocation>, run: Run): string {
  const bases = run.originalUriBaseIds ?? {};
  const base = uriBaseId !== undefined && Object.hasOwn(bases, uriBaseId) ? bases[uriBaseId]?.uri : undefined;
  const isRelative = !/^[a-z][a-z\d+.-]*:|^\//iu.test(uri);
  const whole = isRelative && base?.startsWith("file:") === true ? `${base.replace(/\/?$/u, "/")}${uri}` : uri;
  return decoded(whole.replace(/^file:(?:\/\/[^/]*)?/u, "")).replaceAll("\\", "/");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A scanner that writes paths as they are has a `%` in one.
    return text;
  }
}

function line(text: string, length: number): string {
  const whole = escapeControl(text.replaceAll(/\s+/gu, " ").trim());
  return whole.length > length ? `${whole.slice(0, length)}…` : whole;
}
