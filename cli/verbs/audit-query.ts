import { queryAudit, type FoundRecord } from "../../core/audit/index.ts";
import { CodedError } from "../../schemas/errors.ts";
import { askedRecords, RECORD_FLAGS } from "../audit/record-flags.ts";
import { EXIT } from "../exit-code.ts";
import { type ParsedArguments, valueOf } from "../flags.ts";
import { homeOf } from "../home.ts";
import { counted } from "../print/amount.ts";
import { columns, dim, green, red, yellow } from "../print/style.ts";
import type { Verb } from "../verb.ts";

const DEFAULT_LIMIT = 100;

/** Records of the log about itself, which answer no question about plugins. */
const OWN_ACTIONS: ReadonlySet<string> = new Set(["seal", "anchor"]);

/** `plugin audit query`. */
export const verb: Verb = {
  name: "audit query",
  summary: "see what was done, allowed and refused",
  positionals: [],
  flags: [
    ...RECORD_FLAGS,
    { name: "limit", value: "number", summary: `the newest so many (default: ${String(DEFAULT_LIMIT)})` },
  ],
  about: [
    "Lists records of the audit log of this home, oldest first: every change of what runs, answer to a question of consent, start of a program, call of a tool, change of a secret and refusal by policy.",
    "Flags that are repeated widen, different ones narrow. Nothing is verified but the hash of each record that is shown: `plugin audit verify` checks the whole log.",
  ],
  examples: [
    "plugin audit query --since 7d --outcome denied",
    "plugin audit query --plugin git-facts@example --action process",
    "plugin audit query --action commit --limit 5 --json",
  ],
  run: async (context, args) => {
    const limit = limitOf(args);
    const query = askedRecords(args, new Date());
    const named = query.actions?.some((action) => OWN_ACTIONS.has(action)) === true;
    const own = named ? {} : { without: OWN_ACTIONS };
    const { records, matching, unreadable } = queryAudit(
      homeOf(context.environment).audit,
      { ...query, ...own },
      limit,
    );
    const edited = records.filter((record) => record.edited).length;
    return {
      exit: EXIT.ok,
      data: { records, matching, unreadable },
      text: () => [
        ...(records.length === 0 ? ["no record of that kind"] : columns(records.map(row))),
        ...(matching > records.length
          ? [
              dim(
                `${counted(matching - records.length, "older record")} left out: \`--limit ${String(matching)}\` shows all`,
              ),
            ]
          : []),
        ...(edited + unreadable === 0
          ? []
          : [
              red(`${counted(edited + unreadable, "record")} of the log cannot be believed`),
              "  hint: `plugin audit verify` says where",
            ]),
      ],
    };
  },
};

function limitOf(args: ParsedArguments): number {
  const text = valueOf(args, "limit");
  if (text === undefined) return DEFAULT_LIMIT;
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw new CodedError("E_USAGE", `\`--limit ${text}\` is not a number of records`, { hint: "it is 1 or more" });
}

const COLOURS: Readonly<Record<string, (text: string) => string>> = { denied: yellow, failed: red, done: green };

function row({ at, action, subject, outcome, detail, edited }: FoundRecord): readonly string[] {
  const shown = edited ? red("edited") : (COLOURS[outcome] ?? ((text: string) => text))(outcome);
  return [dim(at), shown, action, subject, dim(detailText(detail))];
}

/** What of a detail fits on a line. */
function detailText(detail: Readonly<Record<string, unknown>> = {}): string {
  const text = Object.entries(detail)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  return text.length > DETAIL_CHARACTERS ? `${text.slice(0, DETAIL_CHARACTERS)}…` : text;
}

const DETAIL_CHARACTERS = 160;
