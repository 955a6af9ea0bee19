import { homeDirectory } from "../core/platform/home-directory.ts";
import { homeAt, type Home } from "../marketplace/home.ts";

/** The Plugsmith home of this person. Throws `E_USAGE` when `PLUGSMITH_HOME` is not absolute. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>): Home {
  return homeAt(homeDirectory(environment));
}
