import { delimiter, isAbsolute } from "node:path";
import { isWithin, realOr } from "../core/platform/real-path.ts";
import { isTrusted, projectAround } from "./required-trust.ts";

/** The variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * An environment in which no program of a workspace that nobody trusts is found on `PATH`, nor one in a relative folder: `npm exec`
 * and the like put `node_modules/.bin` of the folder that they run in before everything else (attacks.md PR15). Where the
 * workspace holds the Node that runs this, `/` among others, its programs are in use already.
 */
export function withTrustedPath(environment: Environment, directory: string): Environment {
  const { PATH } = environment;
  if (PATH === undefined || process.platform === "win32") return environment;
  const places = PATH.split(delimiter);
  const absolute = places.filter((place) => isAbsolute(place));
  const usable = absolute.filter(outside(projectAround(directory, environment), environment));
  return usable.length === places.length ? environment : { ...environment, PATH: usable.join(delimiter) };
}

/** Tells which folders stay; whether a person trusts the project is looked up once it matters. */
function outside(project: string, environment: Environment): (place: string) => boolean {
  let usable: boolean | undefined;
  return (place) => {
    if (!isWithin(realOr(place), project)) return true;
    return (usable ??= isWithin(realOr(process.execPath), project) || isTrusted(project, environment));
  };
}
