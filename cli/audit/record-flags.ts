import type { AuditQuery } from "../../core/audit/index.ts";
import { type FlagSpec, type ParsedArguments, valueOf } from "../flags.ts";
import { timeFlag } from "./time-flag.ts";

const OUTCOMES = ["allowed", "denied", "done", "failed"] as const;

/** Flags that choose records. */
export const RECORD_FLAGS: readonly FlagSpec[] = [
  {
    name: "since",
    value: "time",
    summary: "a date (2026-03-01, 2026-03-01T12:00Z), or how long ago: 30m, 12h, 7d, 4w",
  },
  { name: "until", value: "time", summary: "records before that time" },
  { name: "plugin", value: "id", repeatable: true, summary: "records that name this plugin" },
  { name: "action", value: "words", repeatable: true, summary: "a whole action, or how it begins: `process`" },
  { name: "outcome", value: "outcome", choices: OUTCOMES, repeatable: true, summary: "how it came out" },
];

/** The records that flags choose. Throws `E_USAGE`. */
export function askedRecords(args: ParsedArguments, now: Date): AuditQuery {
  const time = (name: string): Date | undefined => {
    const text = valueOf(args, name);
    return text === undefined ? undefined : timeFlag(name, text, now);
  };
  return {
    since: time("since"),
    until: time("until"),
    plugins: args.values.get("plugin"),
    actions: args.values.get("action"),
    outcomes: args.values.get("outcome"),
  };
}
