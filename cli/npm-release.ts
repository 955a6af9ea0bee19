import { basename, join } from "node:path";
import { openDirectoryTree } from "../core/platform/disk-file-tree.ts";
import { pack } from "../marketplace/author/pack/pack.ts";
import { publishArchive, registryAccount, type RegistryAccount } from "../marketplace/author/release/registry.ts";
import type { Proposal } from "../marketplace/author/release/proposal.ts";
import { CodedError } from "../schemas/errors.ts";
import { isRecord } from "../schemas/record.ts";
import type { PluginManifest } from "../schemas/plugin-manifest.ts";
import { announced } from "./announced.ts";

/** Where packages of a repository go. */
export interface NpmReleaseOptions {
  /** Top of the repository. */
  readonly top: string;
  readonly registry: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A package that is ready to go. */
interface Ready {
  readonly manifest: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string };
  readonly archive: Uint8Array;
}

/** Packs plugins before they are released and publishes each when it is. */
export class NpmRelease {
  readonly published: string[] = [];
  readonly #options: NpmReleaseOptions;
  readonly #account: RegistryAccount;
  readonly #ready = new Map<string, Ready>();

  /** Throws `E_AUTH` when there is no token. */
  constructor(options: NpmReleaseOptions) {
    this.#options = options;
    this.#account = registryAccount(options.registry, options.top, options.environment);
  }

  /** Makes every package, so that one that cannot be made stops all. */
  async pack(proposals: readonly Proposal[]): Promise<void> {
    for (const { plugin, to } of proposals) {
      const directory = join(this.#options.top, plugin.folder);
      const made = await pack({
        directory,
        openTree: openDirectoryTree,
        fallbackName: plugin.folder === "" ? basename(directory) : plugin.name,
        allowed: [],
        announcementsOf: (folder, manifest) => announced(folder, manifest, this.#options.environment),
        extra: (manifest) => new Map([["package.json", packageOf(manifest, plugin.name, to)]]),
      });
      const text = made.files.find(({ path }) => path === "package.json")?.bytes;
      this.#ready.set(plugin.name, {
        manifest: readPackage(new TextDecoder().decode(text), to),
        archive: made.archive,
      });
    }
  }

  async publish({ plugin }: Proposal): Promise<void> {
    const ready = this.#ready.get(plugin.name);
    if (ready === undefined) throw new Error(`\`${plugin.name}\` was not packed`);
    await publishArchive({ ...ready, account: this.#account });
    this.published.push(`${ready.manifest.name}@${ready.manifest.version}`);
  }
}

/** A registry wants a `package.json`; a plugin that has none gets one that says what its manifest says. */
function packageOf(manifest: PluginManifest, name: string, version: string): string {
  const { description, author, license, homepage, repository } = manifest;
  const keywords = [...new Set([...manifest.keywords, "agent-plugin"])];
  return `${JSON.stringify({ name, version, description, author, license, homepage, repository, keywords }, undefined, 2)}\n`;
}

function readPackage(text: string, version: string): Ready["manifest"] {
  const json: unknown = JSON.parse(text);
  if (!isRecord(json) || typeof json["name"] !== "string") {
    throw new CodedError("E_SCHEMA", "`package.json` has no name", { hint: "add `name`", where: "package.json" });
  }
  return { ...json, name: json["name"], version };
}
