import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { CodedError } from "../../schemas/errors.ts";

/**
 * The home that this process works on: `$PLUGSMITH_HOME`, else `~/.plugsmith`. Throws `E_USAGE` when either is not absolute, or in
 * `/proc`, where Node's recursive `mkdir` goes round for ever (Node 26.10).
 */
export function homeDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const home = absoluteHome(environment);
  if (process.platform !== "linux" || !/^\/proc(?:\/|$)/u.test(home)) return home;
  throw new CodedError("E_USAGE", `the home \`${home}\` lies in \`/proc\`, which keeps no files`, {
    hint: "set `HOME` or `PLUGSMITH_HOME` to a folder of yours",
  });
}

function absoluteHome(environment: Readonly<Record<string, string | undefined>>): string {
  const named = environment["PLUGSMITH_HOME"];
  if (named !== undefined && named !== "") {
    if (isAbsolute(named)) return resolve(named);
    throw new CodedError("E_USAGE", `\`PLUGSMITH_HOME\` is \`${named}\`, which is not an absolute path`, {
      hint: "a relative home would be another one in every directory; set an absolute path",
    });
  }
  const own = homedir();
  if (isAbsolute(own)) return join(own, ".plugsmith");
  throw new CodedError("E_USAGE", "the home directory of this user is not known", {
    hint: "set `HOME` or `PLUGSMITH_HOME` to an absolute path",
  });
}

/** The home directory of the person: `$HOME` of this environment, else what the system says. */
export function personDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const named = environment["HOME"];
  return named !== undefined && isAbsolute(named) ? named : homedir();
}
