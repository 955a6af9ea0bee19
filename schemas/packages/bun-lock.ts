import { packageProblem, parsePackageSpec } from "../npm-package.ts";
import { isRecord } from "../record.ts";
import { lockProblem, type LockDocument } from "./lock-problem.ts";
import { checkCount, LockedFields, textMap } from "./locked-fields.ts";
import type { LockedPackage, PackageLock } from "./package-lock.ts";
import { checkAgreement, type PackageRequirements } from "./package-requirements.ts";
import { quotedName } from "./quoted-name.ts";

/** Newest version of `bun.lock` that is read. */
const NEWEST = 2;

interface BunPackage {
  readonly locked: Omit<LockedPackage, "optional">;
  readonly needs: readonly string[];
  readonly mayNeed: readonly string[];
}

/** Reads the text lock of bun, up to version 2. It marks no package as one of development, so what is needed is walked. Throws `E_PACKAGE_LOCK`. */
export function readBunLock(document: LockDocument, requirements: PackageRequirements): PackageLock {
  const { file, value } = document;
  const version = value["lockfileVersion"];
  if (typeof version !== "number" || version > NEWEST) {
    const message = `\`${file}\` has the lock file version ${JSON.stringify(version) ?? "none"}, and up to ${NEWEST} is read`;
    throw lockProblem(document, ["lockfileVersion"], message, "lock again, or update Plugsmith");
  }
  for (const key of ["overrides", "patchedDependencies"]) {
    const map = value[key];
    if (isRecord(map) && Object.keys(map).length > 0)
      throw lockProblem(document, [key], `\`${key}\` of \`${file}\` is not followed`, "take it out and lock again");
  }
  const [entries, workspaces] = [value["packages"], value["workspaces"]];
  const root = isRecord(workspaces) ? workspaces[""] : undefined;
  if (!isRecord(entries) || !isRecord(workspaces) || !isRecord(root))
    throw lockProblem(document, ["packages"], `\`${file}\` has no \`packages\` and \`workspaces\``, "lock it again");
  if (Object.keys(workspaces).length > 1)
    throw lockProblem(document, ["workspaces"], `\`${file}\` locks several workspaces`, "publish one package alone");
  checkCount(document, Object.keys(entries).length);
  const packages = new Walk(document, entries).run(requirements);
  checkAgreement(requirements, document, root, packages);
  return { file, packages, bundled: new Set() };
}

/** Goes from what the plugin asks for to everything that this needs, by the keys of the lock: `a/b` is the `b` of `a`. */
class Walk {
  readonly #document: LockDocument;
  readonly #entries: Readonly<Record<string, unknown>>;
  readonly #read = new Map<string, BunPackage>();

  constructor(document: LockDocument, entries: Readonly<Record<string, unknown>>) {
    this.#document = document;
    this.#entries = entries;
  }

  run({ dependencies, optionalDependencies, peerDependencies }: PackageRequirements): readonly LockedPackage[] {
    const isOptional = (name: string): boolean => Object.hasOwn(optionalDependencies, name);
    const firm = Object.keys(dependencies).filter((name) => !isOptional(name));
    const needed = this.#reach(firm, false);
    const all = this.#reach([...firm, ...Object.keys({ ...optionalDependencies, ...peerDependencies })], true);
    return [...all]
      .map((key) => ({ ...this.#package(key).locked, optional: !needed.has(key) }))
      .sort((left, right) => (left.path < right.path ? -1 : 1));
  }

  #reach(names: readonly string[], withOptional: boolean): ReadonlySet<string> {
    const pending = names.filter((name) => Object.hasOwn(this.#entries, name));
    const reached = new Set<string>();
    for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
      if (reached.has(key)) continue;
      reached.add(key);
      const { needs, mayNeed } = this.#package(key);
      for (const name of needs) {
        const found = this.#find(key, name);
        if (found === undefined) {
          const message = `${quotedName(key)} needs ${quotedName(name)}, which \`${this.#document.file}\` lacks`;
          throw lockProblem(this.#document, ["packages", key], message, "its author has to lock the packages again");
        }
        pending.push(found);
      }
      if (withOptional) pending.push(...mayNeed.flatMap((name) => this.#find(key, name) ?? []));
    }
    return reached;
  }

  /** The key of what a package finds under a name: beside its own packages, then further and further out. */
  #find(key: string, name: string): string | undefined {
    const owners = namesOf(key);
    for (let depth = owners.length; depth >= 0; depth--) {
      const found = [...owners.slice(0, depth), name].join("/");
      if (Object.hasOwn(this.#entries, found)) return found;
    }
    return undefined;
  }

  #package(key: string): BunPackage {
    const known = this.#read.get(key) ?? this.#parse(key);
    this.#read.set(key, known);
    return known;
  }

  #parse(key: string): BunPackage {
    const fields = new LockedFields(this.#document, ["packages", key], key);
    const entry = this.#entries[key];
    const [id, from, info, integrity] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
    const names = namesOf(key);
    const isFine = names.every((name) => name !== "node_modules" && packageProblem({ name }) === undefined);
    if (typeof id !== "string" || !isFine || key.length > 1_024)
      throw fields.fail("is no locked package", "lock it again");
    const { name, version } = parsePackageSpec(id);
    const locked = fields.version(version);
    if (typeof from !== "string" || !isRecord(info)) throw fields.fail("is not from a registry", "lock it again");
    const needs = Object.keys(fields.requirements(info["dependencies"]));
    const optional = Object.keys(fields.requirements(info["optionalDependencies"]));
    const unasked = new Set(Array.isArray(info["optionalPeers"]) ? info["optionalPeers"] : []);
    const peers = Object.keys(textMap(info["peerDependencies"]) ?? {}).filter((peer) => !unasked.has(peer));
    return {
      locked: {
        path: names.map((one) => `node_modules/${one}`).join("/"),
        name: fields.name(name),
        version: locked,
        resolved: tarballAt(fields.resolved(from), name, locked),
        integrity: fields.integrity(integrity),
        os: fields.platforms(info["os"]),
        cpu: fields.platforms(info["cpu"]),
        libc: fields.platforms(info["libc"]),
        bin: fields.bin(info["bin"], name),
        hasInstallScript: false,
      },
      needs: needs.filter((one) => !optional.includes(one)),
      mayNeed: [...optional, ...peers],
    };
  }
}

/** What is written is the tarball or, in older files, the registry. */
function tarballAt(url: string | undefined, name: string, version: string): string | undefined {
  return url === undefined || /\.t(?:ar\.)?gz$/.test(url) ? url : tarballAddress(url, name, version);
}

/** Where a registry keeps a tarball whose address is not written down. */
export function tarballAddress(registry: string, name: string, version: string): string {
  const file = `${name.slice(name.indexOf("/") + 1)}-${version.replace(/\+.*$/, "")}.tgz`;
  return new URL(`${name}/-/${file}`, registry.endsWith("/") ? registry : `${registry}/`).href;
}

/** Splits `a/@b/c` into the names it is made of. */
function namesOf(key: string): readonly string[] {
  return key.match(/@[^/]*\/[^/]*|[^/]+|(?<=\/)$|^$/g) ?? [""];
}
