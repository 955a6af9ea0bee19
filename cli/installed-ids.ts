import { readCurrent } from "../marketplace/generations/generations.ts";
import type { Home } from "../marketplace/home.ts";

/** The ids of everything that is installed, in any root. */
export function installedIds(home: Home): ReadonlySet<string> {
  const roots = Object.values(readCurrent(home)?.roots ?? {});
  return new Set(roots.flatMap(({ plugins }) => plugins.map(({ id }) => id)));
}
