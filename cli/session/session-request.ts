import { CodedError } from "../../schemas/errors.ts";
import type { OpenSession, PermissionMode } from "../../plugin-api/session.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";

/** How a session prints. */
export type OutputFormat = "text" | "json" | "stream-json";

/** What a person asked of `plugsmith -p`. */
export interface SessionRequest {
  readonly format: OutputFormat;
  readonly open: Omit<OpenSession, "directory">;
  readonly maxTurns: number | undefined;
  /** What is set up before the prompt. */
  readonly setUp: "init" | "maintenance" | undefined;
}

/** Reads the flags of a session. Throws `E_USAGE`. */
export function sessionRequest(args: ParsedArguments): SessionRequest {
  const maxTurns = valueOf(args, "max-turns");
  if (maxTurns !== undefined && !/^[1-9]\d{0,5}$/u.test(maxTurns)) {
    throw new CodedError("E_USAGE", `\`--max-turns ${maxTurns}\` is not a number from 1 up`, {
      hint: "for example `--max-turns 20`",
    });
  }
  const resume = valueOf(args, "resume");
  if (resume !== undefined && args.switches.has("continue")) {
    throw new CodedError("E_USAGE", "`--continue` and `--resume` name two sessions", { hint: "give one of them" });
  }
  if (args.switches.has("maintenance") && args.switches.has("init")) {
    throw new CodedError("E_USAGE", "`--init` and `--maintenance` are two set-ups", { hint: "give one of them" });
  }
  return {
    setUp: args.switches.has("init") ? "init" : args.switches.has("maintenance") ? "maintenance" : undefined,
    // `parseArguments` admits the listed choices only.
    format: (valueOf(args, "output-format") ?? (args.switches.has("json") ? "json" : "text")) as OutputFormat,
    maxTurns: maxTurns === undefined ? undefined : Number(maxTurns),
    open: {
      resume: resume ?? (args.switches.has("continue") ? "latest" : undefined),
      recorded: !args.switches.has("no-session-persistence"),
      options: {
        ...(valueOf(args, "model") !== undefined && { model: valueOf(args, "model") }),
        ...(valueOf(args, "agent") !== undefined && { agent: valueOf(args, "agent") }),
        ...(valueOf(args, "output-style") !== undefined && { outputStyle: valueOf(args, "output-style") }),
        ...(valueOf(args, "permission-mode") !== undefined && {
          permissionMode: valueOf(args, "permission-mode") as PermissionMode,
        }),
        allow: rules("allowed-tools", args.values.get("allowed-tools")),
        deny: rules("disallowed-tools", args.values.get("disallowed-tools")),
      },
    },
  };
}

/** Rules are separated by commas and blanks outside of parentheses. A rule that was cut would allow more: it is refused. */
function rules(flag: string, values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => {
    const found: string[] = [];
    let rule = "";
    let depth = 0;
    for (const character of `${value} `) {
      if (depth === 0 && /[\s,]/u.test(character)) {
        if (rule !== "") found.push(rule);
        rule = "";
        continue;
      }
      rule += character;
      if (character === "(") depth += 1;
      else if (character === ")") depth -= 1;
      if (depth < 0) break;
    }
    if (depth === 0 && !found.some((one) => one.startsWith("("))) return found;
    throw new CodedError("E_USAGE", `\`--${flag} ${value}\` has a parenthesis without its other half`, {
      hint: `a rule is \`Tool\` or \`Tool(what)\`, in quotes: \`--${flag} "Bash(git log:*)"\``,
    });
  });
}
