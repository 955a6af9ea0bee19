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
  return {
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
        allow: rules(args.values.get("allowed-tools")),
        deny: rules(args.values.get("disallowed-tools")),
      },
    },
  };
}

/** Rules are separated by commas and blanks outside of parentheses. */
function rules(values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => value.match(/[^\s,()]+(?:\([^)]*\))?/gu) ?? []);
}
