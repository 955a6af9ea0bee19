import { redactFields, redactText } from "../../core/audit/redact.ts";
import { isCodedError, type ErrorCode } from "../../schemas/errors.ts";
import { bold, dim, red, renderMarks } from "./style.ts";

/** An error as people and programs are told of it. */
export interface ErrorReport {
  readonly code: ErrorCode;
  /** Lines after the first are continuations. */
  readonly message: string;
  readonly hint?: string | undefined;
  readonly where?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly stack?: string | undefined;
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission was denied",
  EPERM: "the operation is not permitted",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EMFILE: "too many files are open",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "it is a directory",
  EEXIST: "it exists already",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  EIO: "the device reported an error",
};

function systemReport(error: SystemError): ErrorReport {
  const reason = SYSTEM_REASONS[error.code] ?? error.code;
  const subject = error.path === undefined ? "" : ` on \`${error.path}\``;
  return {
    code: "E_IO",
    message: `\`${error.syscall}\`${subject} failed: ${reason} (${error.code})`,
    hint: "put that right and run the command again; nothing was half done",
    stack: error.stack,
  };
}

/** Puts the name that the system has for a failed file operation into words. */
function withReason(code: ErrorCode, message: string): string {
  if (code !== "E_IO") return message;
  return message.replace(/: (E[A-Z]+)$/u, (all, name: string) => {
    const reason = SYSTEM_REASONS[name];
    return reason === undefined ? all : `: ${reason} (${name})`;
  });
}

/** Suggests among `data.candidates` what was meant by `data.unknown`. */
async function suggestion(data: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  const { unknown, candidates } = data;
  if (typeof unknown !== "string" || !Array.isArray(candidates)) return undefined;
  const { nearest } = await import("../../schemas/names.ts");
  const names = candidates.filter((candidate): candidate is string => typeof candidate === "string");
  const longer = names.filter((name) => unknown.length > 2 && name.startsWith(unknown));
  const found = longer.length === 1 ? longer[0] : nearest(unknown, names);
  return found === undefined ? undefined : `did you mean \`${found}\`?`;
}

interface ExplainedLine {
  readonly number?: number;
  readonly text: string;
}

const isText = (value: unknown): value is ExplainedLine =>
  typeof value === "object" && value !== null && "text" in value && typeof value.text === "string";

/** The members of `data.explanation[key]` of a failed resolution that are sentences. */
function sentences(data: Readonly<Record<string, unknown>>, key: "lines" | "remedies"): readonly ExplainedLine[] {
  const { explanation } = data;
  if (typeof explanation !== "object" || explanation === null) return [];
  const list: unknown = Object.entries(explanation).find(([name]) => name === key)?.[1];
  return Array.isArray(list) ? list.filter(isText) : [];
}

/** The numbered sentences of a failed resolution under one heading; other messages stay. */
function explained(message: string, data: Readonly<Record<string, unknown>>): string {
  const lines = sentences(data, "lines");
  if (lines.length < 2) return message;
  const numbered = lines.some(({ number }) => number !== undefined);
  const texts = lines.map(({ number, text }) =>
    number === undefined ? `${numbered ? "    " : ""}${text}` : `(${String(number)}) ${text}`,
  );
  return ["no set of versions satisfies every requirement", ...texts].join("\n");
}

/** Turns anything that was thrown into a report, which shows no credentials of addresses and fields (attacks.md SC04, SC08). */
export async function reportOf(error: unknown): Promise<ErrorReport> {
  const { message, hint, where, data, stack, ...rest } = await written(error);
  return {
    ...rest,
    message: redactText(message),
    hint: hint === undefined ? undefined : redactText(hint),
    where: where === undefined ? undefined : redactText(where),
    data: data === undefined ? undefined : redactFields(data),
    stack: stack === undefined ? undefined : redactText(stack),
  };
}

async function written(error: unknown): Promise<ErrorReport> {
  if (isCodedError(error)) {
    const suggested = error.code === "E_USAGE" ? await suggestion(error.data) : undefined;
    const remedies = sentences(error.data, "remedies").map(({ text }) => text);
    const advice = remedies.length > 1 ? remedies.join("\nor ") : error.hint;
    const hint = suggested === undefined ? advice : [suggested, advice].filter((part) => part !== undefined).join(" ");
    const { unknown: _unknown, candidates: _candidates, ...data } = error.data;
    return {
      code: error.code,
      message: explained(withReason(error.code, error.message), data),
      hint,
      where: error.where,
      data,
      stack: stackOf(error),
    };
  }
  if (error instanceof Error && error.name === "AbortError") return { code: "E_INTERRUPTED", message: "interrupted" };
  if (error instanceof AggregateError && error.errors.length > 0) {
    const reports = await Promise.all(error.errors.map((inner: unknown) => written(inner)));
    const first = reports[0] as ErrorReport;
    return { ...first, message: reports.map((report) => report.message).join("\n") };
  }
  if (isSystemError(error)) return systemReport(error);
  return {
    code: "E_INTERNAL",
    message: `a defect in Plugsmith: ${error instanceof Error ? error.message : String(error)}`,
    hint: "run it again with `--verbose` and report what it prints",
    stack: stackOf(error),
  };
}

function stackOf(error: unknown): string | undefined {
  const parts: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    parts.push(`${depth === 0 ? "" : "caused by "}${at.stack ?? at.message}`);
  }
  return parts.length === 0 ? undefined : parts.join("\n");
}

/** The lines for stderr. */
export function errorLines(report: ErrorReport, verbose: boolean): readonly string[] {
  const [first = "", ...more] = report.message.split("\n");
  const lines = [`${red(bold("error:"))} ${first} ${dim(`(${report.code})`)}`, ...more.map((line) => `  ${line}`)];
  const command = report.data?.["command"];
  if (typeof command === "string") lines.push(`  the command was \`${command}\``);
  if (report.where !== undefined && !report.message.includes(`\`${report.where}\``)) lines.push(`  at ${report.where}`);
  if (report.hint !== undefined) {
    const [hint = "", ...rest] = report.hint.split("\n");
    lines.push(`  ${bold("hint:")} ${hint}`, ...rest.map((line) => `        ${line}`));
  }
  if (verbose && report.stack !== undefined) lines.push(...report.stack.split("\n").map((line) => dim(`  ${line}`)));
  return lines;
}

/** The `error` member of a `--json` document. */
export function errorData(report: ErrorReport): Readonly<Record<string, unknown>> {
  return {
    code: report.code,
    message: renderMarks(report.message, false),
    ...(report.hint === undefined ? {} : { hint: report.hint }),
    ...(report.where === undefined ? {} : { where: report.where }),
    ...(report.data === undefined || Object.keys(report.data).length === 0 ? {} : { data: report.data }),
  };
}
