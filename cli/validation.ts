import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fixesFor, type Fix } from "../marketplace/author/advice/fixes.ts";
import { ioError, isSystemError } from "../schemas/system-error.ts";
import { CodedError } from "../schemas/errors.ts";
import type { VerbContext } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import type { FlagSpec, ParsedArguments } from "./flags.ts";
import { sarif } from "./print/sarif.ts";
import { counted, provisionText, sumProvisions } from "./print/amount.ts";
import { diagnosticCounts, diagnosticLines, diagnosticSummary } from "./print/diagnostic-lines.ts";
import { green, red } from "./print/style.ts";
import { validate, type Validation } from "./validation-reading.ts";
import type { VerbResult } from "./verb.ts";

/** Flags of `validate` and `marketplace validate`. */
export const VALIDATION_FLAGS: readonly FlagSpec[] = [
  { name: "strict", summary: "warnings fail too (advice never does)" },
  { name: "fix", summary: "apply the fixes that leave nothing to choose, then check again" },
  { name: "sarif", summary: "print SARIF 2.1.0 for code hosts" },
];

/** The body of `validate` and `marketplace validate`. */
export function validated(context: VerbContext, args: ParsedArguments, expected: "any" | "marketplace"): VerbResult {
  const path = args.positionals[0] ?? ".";
  const directory = resolve(context.cwd, path);
  if (args.switches.has("sarif") && context.options.json) {
    throw new CodedError("E_USAGE", "`--sarif` and `--json` are two forms of one answer", { hint: "give one of them" });
  }
  const before = validate(directory, path, expected);
  const fixes = args.switches.has("fix") ? fixesOf(before) : [];
  const { dryRun } = context.options;
  if (!dryRun) for (const fix of fixes) write(join(before.path, fix.file), fix);
  const after = dryRun || fixes.length === 0 ? before : validate(directory, path, expected);
  const { diagnostics, plugins, kind } = after;
  const failed = diagnostics.some(
    ({ severity }) => severity === "error" || (args.switches.has("strict") && severity === "warning"),
  );
  const fixed = fixes.flatMap(({ file, cured }) => cured.map(({ code }) => ({ file, code })));
  const data = { kind, path: after.path, plugins, diagnostics };
  return {
    exit: failed ? EXIT.failed : EXIT.ok,
    data: args.switches.has("fix") ? { ...data, fixed } : data,
    document: args.switches.has("sarif") ? sarif(diagnostics, after, context.cwd) : undefined,
    text: () => [
      ...findingLines(after, context.options.verbose),
      ...fixed.map(({ file, code }) => `${dryRun ? "would fix" : green("fixed")} ${code} in ${file}`),
      summaryLine(after, path, failed),
    ],
  };
}

/** Advice alike is shown a few times: a marketplace may need the same one a hundred times. */
function findingLines({ diagnostics }: Validation, verbose: boolean): readonly string[] {
  const isAdvice = ({ severity }: Validation["diagnostics"][number]): boolean => severity === "advice";
  const advice = diagnostics.filter((found) => isAdvice(found));
  return [
    ...diagnostics.filter((found) => !isAdvice(found)).flatMap((found) => diagnosticLines(found)),
    ...(verbose ? advice.flatMap((found) => diagnosticLines(found)) : diagnosticSummary(advice, "")),
  ];
}

function summaryLine({ kind, plugins, diagnostics }: Validation, path: string, failed: boolean): string {
  const provides = provisionText(sumProvisions(plugins.map((plugin) => plugin.provides)));
  const count = kind === "marketplace" ? `${counted(plugins.length, "plugin")}, ` : "";
  const advice = diagnostics.filter(({ severity }) => severity === "advice").length;
  const found = `${diagnosticCounts(diagnostics)}${advice === 0 ? "" : `, ${counted(advice, "piece")} of advice`}`;
  return `${failed ? red("not valid:") : green("valid:")} ${kind} ${path}: ${count}${provides}; ${found}`;
}

function fixesOf({ diagnostics, path, subjects }: Validation): readonly Fix[] {
  return fixesFor(diagnostics, { textOf: (file) => textOf(join(path, file)), plugins: subjects });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT", "EISDIR", "ENOTDIR")) return undefined;
    throw ioError("read", file, error);
  }
}

function write(file: string, { text, created }: Fix): void {
  try {
    writeFileSync(file, text, { flag: created ? "wx" : "w" });
  } catch (error) {
    throw ioError("write", file, error);
  }
}
