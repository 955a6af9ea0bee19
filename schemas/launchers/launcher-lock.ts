import type { PackageSpec } from "../npm-package.ts";
import { packageProblem, parsePackageSpec } from "../npm-package.ts";
import { ObjectReader } from "../object-reader.ts";
import { folderName, type LockedPackage } from "../packages/package-lock.ts";
import { parseTreePath } from "../tree-path.ts";
import { type ImageDigest, imageKey, imageOfKey, isImageDigest } from "./image-reference.ts";
import type { LockableCall } from "./read-start.ts";

/** Everything that one launcher starts, pinned. */
export type LockedLauncher = LockedPackages | LockedImage;

/** A container image: all that it holds hangs on the digest of its manifest or index. */
export interface LockedImage {
  readonly image: ImageDigest;
}

/** The packages that a launcher names and all that these need, on every platform. */
export interface LockedPackages {
  /** Sorted by path, which begins with `node_modules/`; only those that the launcher names have commands. */
  readonly packages: readonly LockedPackage[];
  /** Paths of packages whose tarballs bring packages of their own, which count as they are. */
  readonly bundling: ReadonlySet<string>;
}

const FOLDER = "node_modules/";
const INTEGRITY = /^sha(?:256|384|512)-[A-Za-z0-9+/]{40,}={0,2}$/u;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/u;
/** Stands between packages of one command; no name, range or tag holds a comma. */
const BETWEEN = ", ";
const MAX_PACKAGES = 5_000;

/** The packages of a launcher as its command names them, or its image in full: what a lock knows it by. */
export function launcherKey(call: Started): string {
  return "image" in call ? imageKey(call.image) : call.packages.map((spec) => specText(spec)).join(BETWEEN);
}

/** What of a command says what it starts. */
type Started = { readonly packages: readonly PackageSpec[] } | Pick<Extract<LockableCall, { kind: "image" }>, "image">;

function specText({ name, version }: PackageSpec): string {
  return version === undefined || version === "" ? name : `${name}@${version}`;
}

/** The packages that a key names; `undefined` when it is none. */
export function packagesOfKey(key: string): readonly PackageSpec[] | undefined {
  const specs = key.split(BETWEEN).map((text) => parsePackageSpec(text));
  return specs.every((spec) => packageProblem(spec) === undefined) ? specs : undefined;
}

/** A locked launcher as the lock file has it: a line a package, so that a change is a line of a diff. */
export function lockedLauncherToJson(locked: LockedLauncher): Readonly<Record<string, unknown>> {
  if ("image" in locked) return { image: locked.image };
  const { packages, bundling } = locked;
  const commands = packages.filter(({ bin }) => Object.keys(bin).length > 0);
  return {
    commands: Object.fromEntries(commands.map(({ path, bin }) => [path.slice(FOLDER.length), sorted(bin)])),
    packages: Object.fromEntries(
      packages.map((one) => [one.path.slice(FOLDER.length), packageLine(one, bundling.has(one.path))]),
    ),
  };
}

function packageLine(one: LockedPackage, bundles: boolean): string {
  const platforms = (["os", "cpu", "libc"] as const).flatMap((key) =>
    one[key].length === 0 ? [] : [`${key}=${one[key].join(",")}`],
  );
  return [
    one.version,
    one.integrity,
    ...(folderName(one.path) === one.name ? [] : [`npm=${one.name}`]),
    ...(one.optional ? ["optional"] : []),
    ...(bundles ? ["bundles"] : []),
    ...(one.hasInstallScript ? ["script"] : []),
    ...platforms,
  ].join(" ");
}

/** Reads the launchers of a lock file; what is wrong ends with its place. */
export function readLockedLaunchers(root: ObjectReader): Readonly<Record<string, LockedLauncher>> {
  return root.map("launchers", (all, key) => {
    if (imageOfKey(key) !== undefined) return readLockedImage(all.object(key));
    if (packagesOfKey(key) === undefined) throw all.fail(key, "names neither packages of a registry nor an image");
    return readLockedLauncher(all.object(key));
  });
}

/** Reads what a generation has of the launchers of a private pick. */
export function readLauncherRecords(
  launchers: Readonly<Record<string, unknown>>,
): Readonly<Record<string, LockedLauncher>> {
  const json = { value: { launchers }, locate: () => ({ line: 1, column: 1 }), diagnostics: [] };
  const file = { json, file: "the generation", code: "E_STATE_CORRUPT", hint: "run `plugin sync`" } as const;
  return readLockedLaunchers(new ObjectReader(file, json.value));
}

function readLockedImage(members: ObjectReader): LockedImage {
  const image = members.text("image");
  if (!isImageDigest(image)) throw members.fail("image", "must be `sha256:` and 64 hexadecimal digits");
  return { image };
}

function readLockedLauncher(members: ObjectReader): LockedPackages {
  const commands = members.map("commands", (paths, path) => {
    const own = paths.object(path);
    return Object.fromEntries(own.keys.map((command) => [command, readCommand(own, command)]));
  });
  const bundling = new Set<string>();
  const packages = Object.values(
    members.map("packages", (lines, below): LockedPackage => {
      const path = `${FOLDER}${below}`;
      const name = folderName(path);
      if (name === undefined) throw lines.fail(below, "is no folder of a package");
      const read = readLine(lines.text(below), name);
      if (read === undefined) throw lines.fail(below, "is not a version, a digest and what is known of the package");
      if (read.bundles) bundling.add(path);
      return { ...read.locked, path, bin: commands[below] ?? {} };
    }),
  );
  if (packages.length === 0 || packages.length > MAX_PACKAGES)
    throw members.fail("packages", `must be 1 to ${String(MAX_PACKAGES)} packages`);
  return { packages: packages.toSorted((left, right) => (left.path < right.path ? -1 : 1)), bundling };
}

function readCommand(own: ObjectReader, command: string): string {
  const parsed = parseTreePath(own.text(command));
  if (!/^[A-Za-z0-9][\w.@+-]{0,99}$/u.test(command) || !("path" in parsed) || parsed.path === "")
    throw own.fail(command, "is no command with a file of its package");
  return parsed.path;
}

function readLine(
  line: string,
  folder: string,
): { readonly locked: Omit<LockedPackage, "path" | "bin">; readonly bundles: boolean } | undefined {
  const [version = "", integrity = "", ...rest] = line.split(" ");
  if (!VERSION.test(version) || !INTEGRITY.test(integrity)) return undefined;
  const facts = new Map(rest.map((fact) => [fact.split("=", 1)[0] ?? "", fact.slice(fact.indexOf("=") + 1)]));
  const known = ["npm", "optional", "bundles", "script", "os", "cpu", "libc"];
  if ([...facts.keys()].some((fact) => !known.includes(fact))) return undefined;
  const name = facts.get("npm") ?? folder;
  if (packageProblem({ name }) !== undefined) return undefined;
  const list = (key: string): readonly string[] => facts.get(key)?.split(",") ?? [];
  return {
    locked: {
      name,
      version,
      resolved: undefined,
      integrity,
      optional: facts.has("optional"),
      os: list("os"),
      cpu: list("cpu"),
      libc: list("libc"),
      hasInstallScript: facts.has("script"),
    },
    bundles: facts.has("bundles"),
  };
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}
