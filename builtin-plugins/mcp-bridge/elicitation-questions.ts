import { isObject, type Answer, type Choice, type ElicitationAnswer, type Person } from "plugsmith/plugin-api";
import { shownText } from "./listed.ts";

/** How a person is asked. */
export interface PutQuestion {
  readonly person: Person;
  readonly title: string;
  readonly agentPath: readonly string[];
  readonly signal: AbortSignal;
}

type Property = Readonly<Record<string, unknown>>;

const MAX_FIELDS = 20;
const MAX_TRIES = 3;
const CANCELLED = { action: "cancel" } as const;
const DECLINED = { action: "decline" } as const;
const DECLINE: Choice = { id: "decline", label: "do not answer" };
const LEAVE_OUT: Choice = { id: "leave-out", label: "leave this one out" };

/** Shows an address; that the person says yes is all that the server hears. */
export async function askAddress(put: PutQuestion, url: string): Promise<ElicitationAnswer> {
  const detail = [`on ${new URL(url).host}`, shownText(url, 2_000)];
  const answer = await ask(put, detail, [{ id: "open", label: "opened it in a browser" }, DECLINE]);
  return answer === undefined ? CANCELLED : answer.choice === DECLINE.id ? DECLINED : { action: "accept" };
}

/** Asks for the fields of a form, one after the other; a form of more than 20 is declined. */
export async function askForm(put: PutQuestion, schema: Property): Promise<ElicitationAnswer> {
  const fields = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  if (fields.length > MAX_FIELDS) return DECLINED;
  if (fields.length === 0) {
    const answer = await ask(put, [], [{ id: "answer", label: "answer" }, DECLINE]);
    return answer === undefined
      ? CANCELLED
      : answer.choice === DECLINE.id
        ? DECLINED
        : { action: "accept", content: {} };
  }
  const content: Record<string, unknown> = {};
  for (const [at, [name, written]] of fields.entries()) {
    const property = isObject(written) ? written : {};
    const place = fields.length === 1 ? [] : [`(${String(at + 1)} of ${String(fields.length)})`];
    const more = required.includes(name) || fields.length === 1 ? [] : [LEAVE_OUT];
    const filled = await askField(put, [...textsOf(name, property), ...place], property, more);
    if (filled.kind === "ended") return filled.answer;
    if (filled.kind === "value") content[name] = filled.value;
  }
  return { action: "accept", content };
}

/** What came of asking for a field. */
type Filled =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "left-out" }
  | { readonly kind: "ended"; readonly answer: ElicitationAnswer };

/** The value of a field, or what the person did instead; what the field does not admit is asked for again. */
async function askField(
  put: PutQuestion,
  detail: readonly string[],
  property: Property,
  more: readonly Choice[],
): Promise<Filled> {
  const values = valuesOf(property);
  let remark: readonly string[] = [];
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const answer = await ask(put, [...detail, ...remark], [...choicesOf(property, values), ...more, DECLINE]);
    if (answer === undefined) return { kind: "ended", answer: CANCELLED };
    if (answer.choice === DECLINE.id) return { kind: "ended", answer: DECLINED };
    if (answer.choice === LEAVE_OUT.id) return { kind: "left-out" };
    const value = valueOf(answer, property, values);
    if (value !== undefined) return { kind: "value", value };
    remark = ["(that does not fit)"];
  }
  return { kind: "ended", answer: CANCELLED };
}

function ask(
  { person, title, agentPath, signal }: PutQuestion,
  detail: readonly string[],
  choices: readonly Choice[],
): Promise<Answer> {
  return person.ask({ kind: "question", title, detail, agentPath, choices, signal });
}

function textsOf(name: string, { title, description, default: usual }: Property): readonly string[] {
  const label = shownText(title, 100);
  const texts = [label === "" ? shownText(name, 100) : label, shownText(description, 500)];
  const given = usual === undefined ? "" : `usual: ${shownText(JSON.stringify(usual), 100)}`;
  return [...texts, given].filter((text) => text !== "");
}

interface NamedValue {
  readonly value: string;
  readonly label: string;
}

/** What a field can be where that is a list: `enum`, with `enumNames`, or `oneOf` of constants. */
function valuesOf({ enum: listed, enumNames, oneOf }: Property): readonly NamedValue[] {
  if (Array.isArray(listed)) {
    const names: readonly unknown[] = Array.isArray(enumNames) ? enumNames : [];
    return listed.flatMap((value: unknown, at) =>
      typeof value === "string" ? [{ value, label: shownText(names[at] ?? value, 100) }] : [],
    );
  }
  const constants: readonly unknown[] = Array.isArray(oneOf) ? oneOf : [];
  return constants.flatMap((one) =>
    isObject(one) && typeof one["const"] === "string"
      ? [{ value: one["const"], label: shownText(one["title"] ?? one["const"], 100) }]
      : [],
  );
}

function choicesOf({ type }: Property, values: readonly NamedValue[]): readonly Choice[] {
  if (values.length > 0) return values.map(({ label }, index) => ({ id: `value-${String(index)}`, label }));
  if (type !== "boolean") return [{ id: "answer", label: "answer" }];
  return [
    { id: "yes", label: "yes" },
    { id: "no", label: "no" },
  ];
}

/** `undefined` for what the field does not admit. */
function valueOf(
  { choice, text = "" }: NonNullable<Answer>,
  { type, items, minLength, maxLength }: Property,
  values: readonly NamedValue[],
): unknown {
  if (values.length > 0) return values[Number(/^value-(\d+)$/u.exec(choice)?.[1])]?.value;
  if (type === "boolean") return choice === "yes" || choice === "no" ? choice === "yes" : undefined;
  if (type === "number" || type === "integer") {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    return Number.isFinite(number) && (type === "number" || Number.isInteger(number)) ? number : undefined;
  }
  if (type === "array") {
    const parts = text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    const known = valuesOf(isObject(items) ? { ...items, oneOf: items["anyOf"] ?? items["oneOf"] } : {});
    return parts.every((part) => known.some(({ value }) => value === part)) ? parts : undefined;
  }
  const fits =
    (typeof minLength !== "number" || text.length >= minLength) &&
    (typeof maxLength !== "number" || text.length <= maxLength);
  return fits ? text : undefined;
}
