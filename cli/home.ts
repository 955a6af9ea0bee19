import { homeDirectory, personDirectory } from "../core/platform/home-directory.ts";
import { homeAt, type Home } from "../marketplace/home.ts";

/** The Plugsmith home of this person. Throws `E_USAGE` when `PLUGSMITH_HOME` is not absolute. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>): Home {
  return homeAt(homeDirectory(environment));
}

/** The home directory of this person, where other agents keep their folders. */
export function homeDirectoryOf(environment: Readonly<Record<string, string | undefined>>): string {
  return personDirectory(environment);
}
