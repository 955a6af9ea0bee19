import { isRecord } from "../record.ts";
import { lockProblem, type LockDocument } from "./lock-problem.ts";
import { checkCount, LockedFields } from "./locked-fields.ts";
import { folderName, type LockedPackage, type PackageLock } from "./package-lock.ts";
import { checkAgreement, type PackageRequirements } from "./package-requirements.ts";

/** Reads `package-lock.json` or `npm-shrinkwrap.json`, version 2 or 3. Throws `E_PACKAGE_LOCK`. */
export function readNpmLock(document: LockDocument, requirements: PackageRequirements): PackageLock {
  const { file, value } = document;
  const version = value["lockfileVersion"];
  if (version !== 2 && version !== 3) {
    const message = `\`${file}\` has the lock file version ${JSON.stringify(version) ?? "none"}, and 2 and 3 are read`;
    throw lockProblem(document, ["lockfileVersion"], message, "lock again with npm 7 or newer");
  }
  const entries = value["packages"];
  const root = isRecord(entries) ? entries[""] : undefined;
  if (!isRecord(entries) || !isRecord(root))
    throw lockProblem(document, ["packages"], `\`${file}\` has no \`packages\``, "lock again with npm 7 or newer");
  checkCount(document, Object.keys(entries).length);
  const packages: LockedPackage[] = [];
  const bundled = new Set<string>();
  for (const [path, entry] of Object.entries(entries)) {
    if (path === "") continue;
    const fields = new LockedFields(document, ["packages", path], path);
    if (!isRecord(entry)) throw fields.fail("is no object", "lock it again");
    if (entry["dev"] === true || entry["extraneous"] === true) continue;
    const folder = folderName(path);
    if (folder === undefined || entry["link"] === true)
      throw fields.fail("is a folder of its author's machine", "workspaces and linked folders are not followed");
    if (entry["inBundle"] === true) bundled.add(path);
    else packages.push(lockedPackage(path, folder, entry, fields));
  }
  packages.sort((left, right) => (left.path < right.path ? -1 : 1));
  checkAgreement(requirements, document, root, packages);
  return { file, packages, bundled };
}

function lockedPackage(
  path: string,
  folder: string,
  entry: Readonly<Record<string, unknown>>,
  fields: LockedFields,
): LockedPackage {
  const name = typeof entry["name"] === "string" ? fields.name(entry["name"]) : folder;
  fields.requirements(entry["dependencies"]);
  fields.requirements(entry["optionalDependencies"]);
  return {
    path,
    name,
    version: fields.version(entry["version"]),
    resolved: fields.resolved(entry["resolved"]),
    integrity: fields.integrity(entry["integrity"]),
    optional: entry["optional"] === true || entry["devOptional"] === true,
    os: fields.platforms(entry["os"]),
    cpu: fields.platforms(entry["cpu"]),
    libc: fields.platforms(entry["libc"]),
    bin: fields.bin(entry["bin"], name),
    hasInstallScript: entry["hasInstallScript"] === true,
  };
}
