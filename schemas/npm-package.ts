/** A package of a registry as a source names it. */
export interface PackageSpec {
  readonly name: string;
  /** Version, range or dist-tag; the newest when absent. */
  readonly version?: string | undefined;
}

/** Splits `name@version`; a scope's `@` belongs to the name. Checks nothing. */
export function parsePackageSpec(text: string): PackageSpec {
  const at = text.indexOf("@", 1);
  return at < 0 ? { name: text } : { name: text.slice(0, at), version: text.slice(at + 1) };
}

/** Why a package spec is not a plain registry package (attacks NP05); `undefined` when it is one. */
export function packageProblem(spec: PackageSpec): string | undefined {
  if (spec.name.length > 214) return "`package` has more than 214 characters";
  if (!/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i.test(spec.name))
    return "`package` is no package name";
  if (spec.version === undefined) return undefined;
  if (spec.version.length > 256) return "`version` has more than 256 characters";
  if (!/^[\w\s.+*^~<>=|-]+$/.test(spec.version)) return "`version` is neither a range nor a tag";
  return undefined;
}
