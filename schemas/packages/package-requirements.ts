import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";
import { isRecord } from "../record.ts";
import { lockProblem, type LockDocument } from "./lock-problem.ts";
import { requirementProblem, textMap } from "./locked-fields.ts";
import type { LockedPackage } from "./package-lock.ts";
import { quotedName } from "./quoted-name.ts";

/** What a plugin's `package.json` asks for, without what only its development needs. */
export interface PackageRequirements {
  readonly document: LockDocument;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const FIELDS = ["dependencies", "optionalDependencies", "peerDependencies"] as const;

/** Keys of `package.json` that make a tree out of more than the registry's packages. */
const UNFOLLOWED = ["overrides", "resolutions", "patchedDependencies", "workspaces"] as const;

/** Reads the requirements. Throws `E_PACKAGE_LOCK` for what is not followed. */
export function readRequirements(document: LockDocument): PackageRequirements {
  const [dependencies = {}, optionalDependencies = {}, peerDependencies = {}] = FIELDS.map((field) => {
    const read = textMap(document.value[field]);
    if (read === undefined)
      throw lockProblem(document, [field], `\`${field}\` of \`package.json\` holds no versions`, "name a range each");
    for (const [name, range] of Object.entries(read)) {
      if (requirementProblem(name, range) === undefined) continue;
      const asked = quotedName(`${name}@${range}`);
      const hint = "folders, repositories and files are not followed: publish it, or bundle it into the plugin";
      throw lockProblem(
        document,
        [field, name],
        `\`package.json\` asks for ${asked}, which is not from a registry`,
        hint,
      );
    }
    return read;
  });
  const requirements = { document, dependencies, optionalDependencies, peerDependencies };
  if (Object.keys({ ...dependencies, ...optionalDependencies }).length === 0) return requirements;
  for (const key of UNFOLLOWED) {
    if (isEmpty(document.value[key])) continue;
    const message = `\`${key}\` of \`package.json\` is not followed, so the packages of the plugin cannot be installed`;
    throw lockProblem(document, [key], message, `take out \`${key}\` and lock again, or bundle the packages`);
  }
  return requirements;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

/**
 * Refuses a lock that was not made from this `package.json`: `root` is what it says the plugin asks for, and what is asked
 * for must be locked, in a version that fits. Throws `E_PACKAGE_LOCK`.
 */
export function checkAgreement(
  requirements: PackageRequirements,
  lock: LockDocument,
  root: Readonly<Record<string, unknown>>,
  packages: readonly LockedPackage[],
): void {
  const { document, dependencies, optionalDependencies } = requirements;
  for (const field of FIELDS) {
    // What is optional may stand among the dependencies too, and a lock then has it once.
    const without = field === "dependencies" ? optionalDependencies : {};
    const [asked, locked] = [requirements[field], textMap(root[field]) ?? {}].map((map) =>
      Object.fromEntries(Object.entries(map).filter(([name]) => !Object.hasOwn(without, name))),
    );
    for (const name of Object.keys({ ...asked, ...locked }).sort()) {
      if (asked?.[name] !== locked?.[name]) throw stale(document, [field, name], lock.file, name);
    }
  }
  const present = new Map(packages.map((one) => [one.path, one]));
  for (const [name, range] of Object.entries({ ...dependencies, ...optionalDependencies })) {
    const found = present.get(`node_modules/${name}`);
    if (found === undefined && Object.hasOwn(optionalDependencies, name)) continue;
    const wanted = range.startsWith("npm:") ? range.slice(range.indexOf("@", "npm:".length + 1) + 1) : range;
    const isOther =
      found !== undefined && validRange(wanted) !== null && !satisfies(found.version, wanted, { loose: true });
    if (found === undefined || isOther) throw stale(document, ["dependencies", name], lock.file, name);
  }
}

function stale(document: LockDocument, path: readonly string[], file: string, name: string): Error {
  const message = `\`${document.file}\` and \`${file}\` do not agree about ${quotedName(name)}`;
  return lockProblem(document, path, message, "its author has to lock the packages again and publish both files");
}
