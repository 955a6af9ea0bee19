import { relative, sep } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { DIAGNOSTIC_CODES } from "../../schemas/diagnostic-codes.ts";
import { ERROR_CODES } from "../../schemas/errors.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { VERSION } from "../version.ts";

const SENTENCES: Readonly<Record<string, string>> = { ...ERROR_CODES, ...DIAGNOSTIC_CODES };
const LEVELS = { error: "error", warning: "warning", info: "note", advice: "note" } as const;
/** Code hosts want a place for everything; what has none is about the whole. */
const WHOLE = { plugin: ".claude-plugin/plugin.json", marketplace: ".claude-plugin/marketplace.json" } as const;

/**
 * Findings as a SARIF 2.1.0 log with one run. Files are relative to `root`, which a code host takes for the top of the
 * repository; a fingerprint leaves out lines, so that a finding stays the same one when text moves.
 */
export function sarif(
  findings: readonly Diagnostic[],
  about: { readonly kind: keyof typeof WHOLE; readonly path: string },
  root: string,
): Readonly<Record<string, unknown>> {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const folder = relative(root, about.path).split(sep).join("/");
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "plugsmith",
            semanticVersion: VERSION,
            rules: codes.map((code) => ({ id: code, shortDescription: { text: SENTENCES[code] ?? code } })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, codes, folder, WHOLE[about.kind])),
      },
    ],
  };
}

function resultOf(
  { code, severity, message, hint, file, line, column }: Diagnostic,
  codes: readonly string[],
  folder: string,
  whole: string,
): Readonly<Record<string, unknown>> {
  const path = [folder, file === undefined || file === "" ? whole : file].filter((part) => part !== "").join("/");
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } };
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: hint === undefined ? message : `${message}\nhint: ${hint}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(path) }, ...region } }],
    partialFingerprints: { "plugsmith/v1": digestOf(JSON.stringify([code, path, message])) },
  };
}
