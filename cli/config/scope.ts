import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";

/** Options are a person's: what a repository says of them has no effect (formats.md §1.5), so nothing is written there. */
export function requirePerson({ options: { scope } }: VerbContext): void {
  if (scope === undefined || scope === "user") return;
  throw new CodedError("E_USAGE", `options of plugins are yours, and have no effect in files of \`--scope ${scope}\``, {
    hint: "leave `--scope` out; for one run there is `plugsmith --settings FILE`, for everybody the administrator's settings",
  });
}
