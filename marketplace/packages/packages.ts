import { CodedError } from "../../schemas/errors.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { SourceRewrites } from "../sources/source-rewrites.ts";
import { semverOf } from "../sources/releases.ts";
import { downloadTarballs, type DownloadOptions } from "./download.ts";
import { registryOf, tarballUrl } from "./package-registry.ts";
import { fetchPackument, type Packument } from "./packument.ts";
import { ignoredSettings, personalRegistrySettings, type RegistrySettings } from "./registry-settings.ts";
import { type PackageFile, unpackPackage } from "./unpack.ts";

/** A release of a package, pinned. */
type PinnedPackage = Extract<LockedSource, { kind: "npm" }>;

/** What asking registries needs from the composition root. */
export interface PackagesOptions {
  /** `Home.packageCache`. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The directory that the person works in, whose npm settings are not read. */
  readonly directory: string | undefined;
  readonly offline: boolean;
  readonly rewrites: Pick<SourceRewrites, "web">;
  /** Whether the times of publication are needed. */
  readonly whole: () => boolean;
  readonly signal: AbortSignal;
  readonly progress: (message: string | undefined) => void;
  readonly remark: (message: string) => void;
}

const TIMEOUT_MS = 120_000;
/** The largest tarball, and the largest content of one (attacks: limits). */
const MAX_TARBALL_BYTES = 100 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024;
const CONCURRENCY = 4;

/** Packages of registries as one process sees them: each document is asked for once, each tarball fetched once and unpacked once. */
export class Packages {
  readonly #options: PackagesOptions;
  readonly #documents = new Map<string, Promise<Packument>>();
  /** Tarballs by digest, until they are unpacked. */
  readonly #tarballs = new Map<string, Uint8Array>();
  readonly #files = new Map<string, ReadonlyMap<string, PackageFile>>();
  #settings: RegistrySettings | undefined;

  constructor(options: PackagesOptions) {
    this.#options = options;
  }

  /** The registry that a package of this name is asked for from. Throws `E_SOURCE_BLOCKED`. */
  registryOf(name: string, asked: string | undefined): string {
    return registryOf(name, asked, this.#personal());
  }

  /** Whether a registry is one that the person's own settings name. */
  isOwn(registry: string): boolean {
    const { registry: main, scopes } = this.#personal();
    return registry === main || Object.values(scopes).includes(registry);
  }

  /** Asks for several documents together; what fails is told by `document`. */
  async lookUp(specs: readonly { readonly package: string; readonly registry?: string | undefined }[]): Promise<void> {
    const waiting = [...specs];
    const workers = Array.from({ length: Math.min(CONCURRENCY, waiting.length) }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await this.document(next.package, next.registry).catch(() => undefined);
    });
    await Promise.all(workers);
  }

  /** What the registry of a package says of it, asked once unless it has to be known `anew`. Throws what `fetchPackument` and `registryOf` throw. */
  async document(
    name: string,
    asked: string | undefined,
    age: "known" | "anew" = "known",
  ): Promise<{ readonly registry: string; readonly packument: Packument }> {
    const { cache, offline, signal, progress, whole, rewrites } = this.#options;
    const registry = this.registryOf(name, asked);
    const key = `${registry} ${name}`;
    let known = age === "anew" ? undefined : this.#documents.get(key);
    if (known === undefined) {
      const there = rewrites.web(registry);
      progress(`asking ${new URL(there).host} for ${name}`);
      const { options } = this.#personal();
      known = fetchPackument(name, { registry: there, options, cache, offline, signal, whole: whole() });
      this.#documents.set(key, known);
    }
    return { registry, packument: await known };
  }

  /**
   * Fetches the tarballs of pinned releases that are not here, and compares each with its digest. Throws `E_INTEGRITY` when a registry
   * names another digest now, `E_NOT_FOUND` when it has the release no more, and what `downloadTarballs` throws.
   */
  async fetch(pinned: readonly PinnedPackage[]): Promise<void> {
    const missing = new Map<string, PinnedPackage>();
    for (const one of pinned)
      if (!this.#files.has(keyOf(one)) && !this.#tarballs.has(one.integrity)) missing.set(one.integrity, one);
    if (missing.size === 0) return;
    const wanted = [...missing.values()];
    const tarballs = await this.tarballs(wanted, {
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_TARBALL_BYTES * wanted.length,
      progress: (done) => this.#options.progress(`fetching packages: ${done} of ${wanted.length}`),
    });
    for (const [index, { integrity }] of wanted.entries()) {
      const tarball = tarballs[index];
      if (tarball !== undefined) this.#tarballs.set(integrity, tarball);
    }
  }

  /** The files of a release that was fetched. Throws what unpacking throws, and `E_INTEGRITY` for another package's. */
  async files(pinned: PinnedPackage): Promise<ReadonlyMap<string, PackageFile>> {
    const key = keyOf(pinned);
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const tarball = this.#tarballs.get(pinned.integrity);
    if (tarball === undefined) throw new CodedError("E_INTERNAL", `${labelOf(pinned)} was not fetched`);
    const files = await unpackPackage(tarball, labelOf(pinned), MAX_UNPACKED_BYTES);
    checkIdentity(files, pinned);
    this.#files.set(key, files);
    this.#tarballs.delete(pinned.integrity);
    return files;
  }

  /** Fetches tarballs by digest, from the cache where it has them; in the order of what is pinned. Throws what `downloadTarballs` throws. */
  async tarballs(
    pinned: readonly PinnedPackage[],
    limits: Pick<DownloadOptions, "timeoutMs" | "maxBytes" | "progress">,
  ): Promise<readonly Uint8Array[]> {
    const { cache, offline, signal } = this.#options;
    const requests = pinned.map((one) => ({
      address: () => this.#tarballAddress(one),
      integrity: one.integrity,
      label: labelOf(one),
    }));
    return downloadTarballs(requests, { options: this.#personal().options, cache, offline, signal, ...limits });
  }

  async #tarballAddress(pinned: PinnedPackage): Promise<string> {
    const { package: name, version, integrity } = pinned;
    const { registry, packument } = await this.document(name, pinned.registry);
    const release = packument.releases.get(version);
    if (release === undefined) {
      throw new CodedError("E_NOT_FOUND", `\`${new URL(registry).host}\` has no ${labelOf(pinned)} any more`, {
        hint: "it was unpublished: choose another version, or take it from a machine that still has it",
      });
    }
    if (release.integrity !== undefined && differs(release.integrity, integrity))
      throw republished(pinned, release.integrity);
    const { rewrites } = this.#options;
    // A mirror may send documents on as they are.
    const isWeb = /^https?:/u.test(release.tarball ?? "");
    const tarball = release.tarball !== undefined && isWeb ? rewrites.web(release.tarball) : release.tarball;
    return tarballUrl({ name, version, tarball }, rewrites.web(registry));
  }

  #personal(): RegistrySettings {
    if (this.#settings !== undefined) return this.#settings;
    const { environment, directory, remark } = this.#options;
    this.#settings = personalRegistrySettings(environment);
    const ignored = directory === undefined ? undefined : ignoredSettings(directory, environment);
    if (ignored !== undefined)
      remark(
        `the registries that \`${ignored}\` names are not used: packages come from where your own \`.npmrc\` says`,
      );
    return this.#settings;
  }
}

/** The refusal of a release that was published again with other bytes (attacks NP03). */
function republished(pinned: PinnedPackage, got: string): CodedError {
  return new CodedError(
    "E_INTEGRITY",
    `${labelOf(pinned)} was published again with other bytes: the lock has \`${pinned.integrity}\`, the registry now \`${got}\``,
    {
      hint: "that is no update: find out who did it; to take the new bytes all the same, remove the plugin and add it again",
      data: { expected: pinned.integrity, got },
    },
  );
}

/** The refusal of a source that is the same release as an earlier one with other bytes; `undefined` when it is not. */
export function republication(before: LockedSource, now: LockedSource): CodedError | undefined {
  if (before.kind !== "npm" || now.kind !== "npm") return undefined;
  const isSame = before.package === now.package && before.version === now.version && before.registry === now.registry;
  return isSame && differs(before.integrity, now.integrity) ? republished(before, now.integrity) : undefined;
}

/** Two digests of one algorithm that are not the same; others cannot be compared. */
function differs(left: string, right: string): boolean {
  return left.split("-")[0] === right.split("-")[0] && left !== right;
}

/** The tarball is of the package that it was published as (attacks NP04). */
function checkIdentity(files: ReadonlyMap<string, PackageFile>, pinned: PinnedPackage): void {
  const found = readIdentity(files.get("package.json"));
  if (found?.name === pinned.package && semverOf(found.version) === semverOf(pinned.version)) return;
  const what = found === undefined ? "no package" : `\`${found.name}@${found.version}\``;
  throw new CodedError("E_INTEGRITY", `the tarball of ${labelOf(pinned)} holds ${what}`, {
    hint: "do not use it before you know why",
  });
}

function readIdentity(file: PackageFile | undefined): { readonly name: string; readonly version: string } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(file?.bytes ?? []).toString("utf8"));
    if (typeof value !== "object" || value === null || !("name" in value) || !("version" in value)) return undefined;
    const { name, version } = value;
    return typeof name === "string" && typeof version === "string"
      ? { name: name.slice(0, 214), version: version.slice(0, 100) }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Tarballs with one digest may claim to be several packages. */
function keyOf({ package: name, version, integrity }: PinnedPackage): string {
  return `${name}@${version} ${integrity}`;
}

function labelOf({ package: name, version }: PinnedPackage): string {
  return `\`${name}@${version}\``;
}
