import { CodedError } from "../../schemas/errors.ts";
import { nearest } from "../../schemas/names.ts";

/** The error for an id that the root does not hold, with the nearest one that it does. */
export function notInstalled(id: string, installed: Iterable<string>): CodedError {
  const guess = nearest(id, [...installed]);
  return new CodedError("E_NOT_INSTALLED", `\`${id}\` is not installed here`, {
    hint: guess === undefined ? "`plugin list` shows what is installed" : `did you mean \`${guess}\`?`,
    data: { id },
  });
}
