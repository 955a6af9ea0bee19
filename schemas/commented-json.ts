import { createScanner, findNodeAtLocation, parseTree, type Node as JsonNode } from "jsonc-parser";
import { CodedError } from "./errors.ts";
import type { JsonEdit } from "./plain-json.ts";

/** How the file is laid out. */
interface Layout {
  readonly unit: string;
  readonly eol: string;
}

/** A stretch of text and what replaces it. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A comment between two tokens, with the comma among them counted as one too. */
interface Trivia {
  readonly start: number;
  readonly end: number;
  readonly kind: "comma" | "comment";
}

/**
 * Applies changes to a valid JSON text that may hold comments, in place. A removal takes the member, its comma and the
 * comments on its own lines; every other comment stays, and a new member comes after all of its object.
 */
export function editCommentedJson(text: string, edits: readonly JsonEdit[]): string {
  const bom = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  let current = text.slice(bom.length);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const unit = /^\s*\{\s*?\r?\n([ \t]+)/.exec(current)?.[1] ?? "  ";
  for (const edit of edits) current = editOne(current, edit, { unit, eol });
  return bom + current;
}

function editOne(text: string, edit: JsonEdit, layout: Layout): string {
  const { path, value } = edit;
  const root = parseTree(text);
  const existing = root && findNodeAtLocation(root, [...path]);
  if (existing !== undefined) {
    if (value === undefined) return existing.parent === undefined ? text : remove(text, existing.parent);
    const inner = memberEdits(existing, edit);
    if (inner !== undefined) return inner.reduce((before, change) => editOne(before, change, layout), text);
    const { offset, length } = existing;
    const replaced = written(value, indentAt(text, offset), layout);
    return apply(text, [{ start: offset, end: offset + length, text: replaced }]);
  }
  if (value === undefined || root === undefined) return text;
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const parent = findNodeAtLocation(root, path.slice(0, depth));
    if (parent === undefined) continue;
    const key = path[depth];
    if (parent.type !== "object" || typeof key !== "string") break;
    const nested = path.slice(depth + 1).reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
    return insert(text, parent, key, nested, layout);
  }
  throw new CodedError("E_SCHEMA", `\`${path.join(".")}\` cannot be set: what should hold it is no object`, {
    hint: "make it an object",
  });
}

/** An object that becomes another is changed member by member, so that the comments in it stay. */
function memberEdits(node: JsonNode, { path, value }: JsonEdit): readonly JsonEdit[] | undefined {
  if (node.type !== "object" || typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const wanted = new Map<string, unknown>(Object.entries(value));
  const names = (node.children ?? []).map((member) => String(member.children?.[0]?.value));
  return [
    ...names.filter((name) => !wanted.has(name)).map((name) => ({ path: [...path, name], value: undefined })),
    ...Array.from(wanted, ([name, inner]) => ({ path: [...path, name], value: inner })),
  ];
}

function remove(text: string, member: JsonNode): string {
  const object = member.parent;
  if (object?.type !== "object") throw new TypeError("only a member of an object can be removed");
  const members = object.children ?? [];
  const at = members.indexOf(member);
  const [previous, next] = [members[at - 1], members[at + 1]];
  const close = endOf(object) - 1;
  const before = triviaBetween(text, previous === undefined ? object.offset + 1 : endOf(previous), member.offset);
  const after = triviaBetween(text, endOf(member), next?.offset ?? close);
  const comma = after.find(({ kind }) => kind === "comma");
  let end = endOf(member);
  const follow = next?.offset ?? close;
  const sharesLine = !hasBreak(text, end, follow);
  for (const { kind, start, end: triviaEnd } of after) {
    if (hasBreak(text, end, triviaEnd)) break;
    // On a line that goes on with another member, what comes after the comma is that one's.
    if (kind === "comment" && sharesLine && next !== undefined && comma !== undefined && start > comma.start) break;
    end = triviaEnd;
  }
  const removed = wholeLines(text, { start: ownStart(text, before, member), end, text: "" }, follow);
  const otherComma = next === undefined ? before.find(({ kind }) => kind === "comma") : comma;
  const commas =
    otherComma === undefined || (otherComma.start >= removed.start && otherComma.start < removed.end)
      ? []
      : [{ start: otherComma.start, end: otherComma.end, text: "" }];
  const edited = apply(text, [removed, ...commas]);
  if (members.length > 1) return edited;
  const emptied = close - (removed.end - removed.start);
  const hollow = edited.slice(object.offset + 1, emptied).trim() === "";
  return hollow ? edited.slice(0, object.offset + 1) + edited.slice(emptied) : edited;
}

/** Where a member begins, with the comments before it on its line; those after an opening brace are the object's. */
function ownStart(text: string, before: readonly Trivia[], member: JsonNode): number {
  let start = member.offset;
  for (const { kind, start: triviaStart } of [...before].reverse()) {
    if (kind === "comma" || hasBreak(text, triviaStart, start)) return start;
    start = triviaStart;
  }
  return lineStart(text, start) + indentAt(text, start).length === start ? start : member.offset;
}

/** Takes the line breaks or blanks along that would be left over. */
function wholeLines(text: string, { start, end }: Replacement, follow: number): Replacement {
  const first = lineStart(text, start);
  const rest = /^[ \t]*(?:\r?\n)?/.exec(text.slice(end))?.[0] ?? "";
  const alone = text.slice(first, start).trim() === "";
  if (rest.endsWith("\n")) {
    if (alone) return { start: first, end: end + rest.length, text: "" };
    return { start: blanksBefore(text, start), end, text: "" };
  }
  if (alone || text[follow] !== "}" || end + rest.length !== follow) return { start, end: end + rest.length, text: "" };
  return { start: blanksBefore(text, start), end, text: "" };
}

function insert(text: string, object: JsonNode, key: string, value: unknown, layout: Layout): string {
  const close = endOf(object) - 1;
  const last = object.children?.at(-1);
  const begin = last === undefined ? object.offset + 1 : endOf(last);
  const tail = triviaBetween(text, begin, close).at(-1)?.end ?? begin;
  const outer = indentAt(text, object.offset);
  const onOneLine = !hasBreak(text, object.offset, close) && (last !== undefined || tail > begin);
  const indent =
    last !== undefined && startsLine(text, last.offset) ? indentAt(text, last.offset) : outer + layout.unit;
  const member = `${JSON.stringify(key)}: ${written(value, onOneLine ? outer : indent, layout)}`;
  const comma = last === undefined ? [] : [{ start: begin, end: begin, text: "," }];
  const lead = onOneLine ? " " : layout.eol + indent;
  const rest = text.slice(tail, close);
  const trail = rest.includes("\n") ? rest : onOneLine ? rest || " " : layout.eol + outer;
  return apply(text, [...comma, { start: tail, end: close, text: lead + member + trail }]);
}

function written(value: unknown, indent: string, { unit, eol }: Layout): string {
  return JSON.stringify(value, null, unit).replaceAll("\n", eol + indent);
}

/** Comments and commas of a stretch that holds no values. */
function triviaBetween(text: string, start: number, end: number): readonly Trivia[] {
  const scanner = createScanner(text.slice(start, end));
  const found: Trivia[] = [];
  for (;;) {
    scanner.scan();
    const length = scanner.getTokenLength();
    const at = start + scanner.getTokenOffset();
    if (at >= end) return found;
    const lead = text[at];
    if (lead === "," || lead === "/")
      found.push({ start: at, end: at + length, kind: lead === "," ? "comma" : "comment" });
  }
}

function apply(text: string, replacements: readonly Replacement[]): string {
  let edited = "";
  let copied = 0;
  for (const { start, end, text: by } of [...replacements].sort((a, b) => a.start - b.start)) {
    edited += text.slice(copied, start) + by;
    copied = end;
  }
  return edited + text.slice(copied);
}

const endOf = (node: JsonNode): number => node.offset + node.length;
const hasBreak = (text: string, start: number, end: number): boolean => text.slice(start, end).includes("\n");
const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;
const indentAt = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? "";
const startsLine = (text: string, at: number): boolean => text.slice(lineStart(text, at), at).trim() === "";

function blanksBefore(text: string, at: number): number {
  let start = at;
  while (text[start - 1] === " " || text[start - 1] === "\t") start -= 1;
  return start;
}
