import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { escapeControl } from "../../schemas/names.ts";
import type { ReportedFinding, ScanReport } from "../../schemas/sarif.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { Plan } from "../plan/plan.ts";

type Planned = Plan["diagnostics"][number];

/** Findings of one report and plugin; more would hide the first. */
const MAX_FINDINGS = 100;
const MAX_NAMED = 3;
const ORDER: readonly Diagnostic["severity"][] = ["error", "warning", "info", "advice"];

/**
 * The findings of other scanners about the plugins of a plan, gravest first, and for each report how many are about something else. They
 * stand beside those of our own scan and take nothing away.
 */
export function reportedFindings(
  reports: readonly ScanReport[],
  inspected: readonly Pick<InspectedPlugin, "id" | "directory" | "source">[],
): readonly Planned[] {
  if (reports.length === 0) return [];
  const plugins = inspected.map((plugin) => new Scanned(plugin));
  return reports.flatMap((report) => {
    const placed = report.findings.map((finding) => ({ finding, found: placesOf(finding, plugins) }));
    const about = plugins.flatMap(({ id }) => {
      const own = placed.flatMap(({ finding, found }) =>
        found.flatMap((place) => (place.id === id ? [diagnosticOf(finding, place)] : [])),
      );
      const sorted = own.toSorted((left, right) => ORDER.indexOf(left.severity) - ORDER.indexOf(right.severity));
      return [...sorted.slice(0, MAX_FINDINGS), ...leftOut(report.file, id, sorted.length - MAX_FINDINGS)];
    });
    const others = placed.flatMap(({ finding, found }) => (found.length === 0 ? [finding] : []));
    return [...about, ...elsewhere(report.file, others)];
  });
}

/** The files of a plugin; links are none: what they lead to has a path of its own. */
class Scanned {
  readonly id: string;
  /** Where it was when a scanner could look at it. */
  readonly origin: string | undefined;
  readonly #directory: string;
  readonly #files: ReadonlySet<string>;
  readonly #digests = new Map<string, string>();

  constructor({ id, directory, source }: Pick<InspectedPlugin, "id" | "directory" | "source">) {
    this.id = id;
    this.origin = source.kind === "directory" ? source.path : undefined;
    this.#directory = directory;
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    this.#files = new Set(
      entries.map(({ parentPath, name }) => relative(directory, join(parentPath, name)).split(sep).join("/")),
    );
  }

  /** Whether it has the file, with this content if a digest is known. */
  has(name: string, sha256: string | undefined): boolean {
    return this.#files.has(name) && (sha256 === undefined || this.#digestOf(name) === sha256);
  }

  #digestOf(name: string): string {
    const digest =
      this.#digests.get(name) ??
      createHash("sha256")
        .update(readFileSync(join(this.#directory, name)))
        .digest("hex");
    this.#digests.set(name, digest);
    return digest;
  }
}

interface Place {
  readonly id: string;
  readonly file?: string | undefined;
}

/** Every plugin that the finding can be about: told once too often is better than not told. */
function placesOf({ path, sha256 }: ReportedFinding, plugins: readonly Scanned[]): readonly Place[] {
  // What names no file is about the whole of what was scanned; only with one plugin is that known.
  if (path === undefined || path === "") return plugins.length === 1 ? plugins.map(({ id }) => ({ id })) : [];
  return plugins.flatMap((plugin) => {
    const file = candidates(path, plugin, sha256 !== undefined).find((name) => plugin.has(name, sha256));
    return file === undefined ? [] : [{ id: plugin.id, file }];
  });
}

/** Paths in the plugin that a path of the report may mean: a digest tells also where the scanner began further up. */
function candidates(path: string, { origin }: Scanned, hasDigest: boolean): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (hasDigest) return parts.map((_part, at) => parts.slice(at).join("/"));
  if (!path.startsWith("/")) return [parts.join("/")];
  return origin !== undefined && path.startsWith(`${origin}/`) ? [path.slice(origin.length + 1)] : [];
}

function diagnosticOf({ rule, severity, text, line, column }: ReportedFinding, { id, file }: Place): Planned {
  const place = file === undefined ? {} : { file, line, column: line === undefined ? undefined : column };
  return { code: "W_SCAN_REPORT", severity, message: `${rule}: ${text}`, ...place, id };
}

function leftOut(file: string, id: string, count: number): readonly Planned[] {
  if (count <= 0) return [];
  const message = `\`${file}\` has ${String(count)} more findings, none graver than these`;
  return [{ code: "W_SCAN_REPORT", severity: "warning", message, id }];
}

function elsewhere(file: string, findings: readonly ReportedFinding[]): readonly Planned[] {
  if (findings.length === 0) return [];
  const names = [...new Set(findings.map(({ path = "" }) => (path === "" ? "no file" : `\`${escapeControl(path)}\``)))];
  const more = names.length > MAX_NAMED ? ` and ${String(names.length - MAX_NAMED)} more` : "";
  return [
    {
      code: "W_SCAN_REPORT_ELSEWHERE",
      severity: "info",
      message: `${findings.length === 1 ? `1 finding of \`${file}\` does` : `${String(findings.length)} findings of \`${file}\` do`} not apply: about ${names.slice(0, MAX_NAMED).join(", ")}${more}, not a file that is installed, or with other content`,
      hint: "scan the folder of the plugin itself, and what is going to be installed",
    },
  ];
}
