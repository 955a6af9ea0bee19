import type { Diagnostic, Severity } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import type { Generation } from "../../schemas/generation.ts";
import type { Services } from "../services.ts";

/** What can be done about a finding. */
export interface Repair {
  /** As a question asks it, e.g. `finish the interrupted change`. */
  readonly does: string;
  /** Whether it only touches what Plugsmith made; otherwise a person says yes to each. */
  readonly isOurs: boolean;
  readonly run: () => void | Promise<void>;
}

/** One thing that is wrong with a home. */
export interface Finding extends Diagnostic {
  /** Name of the check that found it. */
  readonly check: string;
  /** `user` or the real path of a project, when it is about one root. */
  readonly root?: string | undefined;
  /** Id of the plugin that it is about. */
  readonly plugin?: string | undefined;
  readonly repair?: Repair | undefined;
}

/** What a check may look at, and what its repairs may do. */
export interface Scene {
  readonly services: Pick<
    Services,
    "home" | "exclusively" | "openTree" | "offline" | "now" | "consent" | "environment"
  >;
  /** The newest readable generation; `undefined` when there is none. */
  readonly generation: Generation | undefined;
  /** Fetches the damaged trees of a root again, or with `lock` makes its set match its files. */
  readonly mendRoot: (root: string, what: "trees" | "lock") => Promise<void>;
  readonly mendCatalog: (name: string) => Promise<void>;
}

/** Looks at one side of a home and changes nothing. */
export interface Check {
  readonly name: string;
  readonly find: (scene: Scene) => readonly Finding[] | Promise<readonly Finding[]>;
}

/** The finding that an error is. */
export function findingOf(
  check: string,
  error: unknown,
  more: { readonly repair?: Repair | undefined; readonly root?: string; readonly severity?: Severity } = {},
): Finding {
  if (!isCodedError(error)) throw error;
  const { code, message, where, hint } = error;
  const [, file = where, line, column] = /^(.*?):(\d+)(?::(\d+))?$/u.exec(where ?? "") ?? [];
  return {
    check,
    code,
    severity: "error",
    message,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line: Number(line) }),
    ...(column !== undefined && { column: Number(column) }),
    ...(hint !== undefined && { hint }),
    ...more,
  };
}
