import type * as z from "zod";
import type { DiagnosticCode } from "../diagnostic.ts";
import { escapeControl } from "../names.ts";
import type { Findings } from "./findings.ts";
import type { ShapeResult } from "../shapes.ts";
import type { Located } from "./json-file.ts";

/** Whether an issue is about a key that a strict object does not know, and more. */
type Issue = z.core.$ZodIssue;

/** How findings of a failed check are written. */
export interface ShapeCheck {
  readonly code: DiagnosticCode;
  /** What the value is, for messages, e.g. `hook`. */
  readonly subject: string;
  readonly dropped?: string | undefined;
  readonly hint?: string | undefined;
  /** Default `error`. */
  readonly severity?: "error" | "warning" | undefined;
}

/** Checks a located value; `undefined` after one error finding for every issue. */
export function checkShape<T>(
  shape: (value: unknown) => ShapeResult<T>,
  located: Located,
  findings: Findings,
  check: ShapeCheck,
): T | undefined {
  const result = shape(located.value);
  if (result.success) return result.data;
  for (const issue of flatten(result.error.issues)) {
    const path = issue.path.filter((step): step is string | number => typeof step !== "symbol");
    const field = path.length === 0 ? "" : ` field \`${path.join(".")}\``;
    const keys = issue.code === "unrecognized_keys" ? [...path, ...issue.keys.slice(0, 1)] : path;
    const message = `${check.subject}:${field} ${wording(issue)}`;
    const where = located.where(keys, issue.code === "unrecognized_keys" ? "key" : "value");
    const details = { hint: check.hint ?? "correct or remove it", dropped: check.dropped };
    if (check.severity === "warning") findings.warn(check.code, message, where, details);
    else findings.error(check.code, message, where, details);
  }
  return undefined;
}

/** Replaces a union's one issue by those of the member that fits best. */
function flatten(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    const ranked = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a));
    const best = ranked[0] ?? [];
    if (depthOf(best) === 0) return [issue];
    return flatten(best).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
}

function depthOf(issues: readonly Issue[]): number {
  return issues.length === 0 ? 0 : Math.min(...issues.map((issue) => issue.path.length));
}

function wording(issue: Issue): string {
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.map((key) => `\`${escapeControl(key.slice(0, 80))}\``);
    return `has unknown ${keys.length === 1 ? "key" : "keys"} ${keys.join(", ")}`;
  }
  if (issue.code === "invalid_key") return `has a key that is not allowed: ${issue.issues[0]?.message ?? "unknown"}`;
  if (issue.message.endsWith("received undefined")) return "is missing";
  const text = issue.message
    .replace(/^Invalid input: /, "")
    .replace("expected record", "expected object")
    .replace(/\.$/, "");
  return escapeControl(text.charAt(0).toLowerCase() + text.slice(1));
}
