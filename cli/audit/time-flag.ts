import { CodedError } from "../../schemas/errors.ts";

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const AGO = /^(\d{1,6})([mhdw])$/u;
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/u;

/** The time that a flag names: a date, UTC where it does not say otherwise, or how long ago. Throws `E_USAGE`. */
export function timeFlag(flag: string, text: string, now: Date): Date {
  const ago = AGO.exec(text);
  if (ago !== null) {
    // The pattern admits no other unit.
    const unit = ago[2] as keyof typeof UNIT_MS;
    return new Date(now.getTime() - Number(ago[1]) * UNIT_MS[unit]);
  }
  const zoned = /T.*(?:Z|[+-]\d\d:\d\d)$/u.test(text) || !text.includes("T") ? text : `${text}Z`;
  const at = DATE.test(text) ? new Date(zoned) : undefined;
  // The 30th of February would be the 2nd of March.
  if (at !== undefined && !Number.isNaN(at.getTime()) && isDay(text)) return at;
  throw new CodedError("E_USAGE", `\`--${flag} ${text}\` is no time`, {
    hint: "it is a date (`2026-03-01`, `2026-03-01T12:00Z`) or how long ago: `30m`, `12h`, `7d`, `4w`",
  });
}

function isDay(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(day).toISOString().startsWith(day);
}
