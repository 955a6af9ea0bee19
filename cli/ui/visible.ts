import { escapeControl } from "../../schemas/names.ts";
import { isRecord } from "../../schemas/record.ts";

/** A JSON value in which every text can be shown: control and invisible characters are escaped, line ends stay. */
export function visible<T>(value: T): T {
  // The shape stays: texts become texts, and everything else is copied.
  return shown(value) as T;
}

function shown(value: unknown): unknown {
  if (typeof value === "string") return escapeControl(value, { keepLines: true });
  if (Array.isArray(value)) return value.map(shown);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(member)]));
}
