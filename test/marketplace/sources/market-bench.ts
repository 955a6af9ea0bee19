import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { Catalogs, type CatalogsOptions } from "../../../marketplace/catalog/catalogs.ts";
import type { CatalogSnapshot } from "../../../marketplace/catalog/snapshot.ts";
import { Lineages, type LineagesOptions } from "../../../marketplace/sources/lineage.ts";
import type { GitOptions } from "../../../marketplace/sources/git-runner.ts";
import type { Offer } from "../../../marketplace/sources/offer.ts";
import { Packages } from "../../../marketplace/packages/packages.ts";
import { RepositorySources } from "../../../marketplace/sources/plugin-sources.ts";
import { Repositories } from "../../../marketplace/sources/repositories.ts";
import { SourceMemory } from "../../../marketplace/sources/source-memory.ts";
import { SourceRewrites } from "../../../marketplace/sources/source-rewrites.ts";
import type { CatalogEntry } from "../../../schemas/plugin-manifest.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import type { MarketplaceSource } from "../../../schemas/source-spec.ts";
import { refuseCanaries } from "../../support/canary.ts";
import { FixtureRepository } from "../../support/git-repository.ts";
import { GitServer } from "../../support/git-server.ts";

/** What one Plugsmith process would have open. */
export interface OpenedHome {
  readonly catalogs: Catalogs;
  readonly sources: RepositorySources;
  readonly repositories: Repositories;
  readonly packages: Packages;
}

/** A home, a git server and a folder for repositories, all thrown away together. */
export class MarketBench {
  readonly directory: string;
  readonly server: GitServer;
  readonly #opened: OpenedHome[] = [];

  private constructor(directory: string, server: GitServer) {
    this.directory = directory;
    this.server = server;
  }

  static async start(): Promise<MarketBench> {
    const directory = mkdtempSync(join(tmpdir(), "plugsmith-market-"));
    return new MarketBench(directory, await GitServer.start(join(directory, "served")));
  }

  /** A repository that the server serves. */
  repository(name: string): FixtureRepository {
    return new FixtureRepository(join(this.directory, "served", name));
  }

  /** A repository with a work tree, outside the server's reach. */
  workTree(name: string): FixtureRepository {
    return new FixtureRepository(join(this.directory, name), { bare: false });
  }

  /** The source of a served repository. */
  source(name: string, ref?: string): MarketplaceSource {
    return { kind: "git", url: this.server.url(name), ...(ref === undefined ? {} : { ref }) };
  }

  /** Opens the home as a new process would; what earlier ones kept in memory is gone. */
  open(
    options: Partial<CatalogsOptions> & {
      readonly git?: Partial<GitOptions>;
      readonly home?: string;
      readonly ask?: LineagesOptions["ask"];
      readonly keeps?: boolean;
    } = {},
  ): OpenedHome {
    const home = join(this.directory, options.home ?? "home");
    const signal = options.signal ?? new AbortController().signal;
    const rewrites = new SourceRewrites([]);
    const git = {
      directory: join(home, "cache", "git"),
      environment: { PATH: process.env["PATH"], HOME: join(this.directory, "person") },
      signal,
      ...(options.offline === true ? { offline: true } : {}),
      ...options.git,
    };
    const audit = options.audit ?? { append: () => undefined, heads: () => [] };
    const now = options.now ?? (() => new Date("2026-08-01T00:00:00Z"));
    const memory = new SourceMemory({ directory: join(home, "state", "sources"), keeps: options.keeps !== false, now });
    const ask: LineagesOptions["ask"] =
      options.ask ?? (() => Promise.resolve({ accepted: false, hint: "ask its owner" }));
    const repositories = new Repositories(git, rewrites, new Lineages({ memory, audit, ask }));
    const packages = new Packages({
      cache: join(home, "cache", "npm"),
      environment: { HOME: join(this.directory, "person") },
      directory: undefined,
      offline: options.offline ?? false,
      rewrites,
      whole: () => false,
      signal,
      progress: () => undefined,
      remark: () => undefined,
    });
    const shared = {
      repositories,
      packages,
      rewrites,
      openTree: openDirectoryTree,
      offline: false,
      progress: () => undefined,
      ...options,
    };
    const catalogs = new Catalogs({
      directory: join(home, "marketplaces"),
      exclusively: async (work) => work(),
      decide: () => ({ allowed: true }),
      audit,
      now,
      signal,
      ...shared,
    });
    const opened = { catalogs, repositories, packages, sources: new RepositorySources(shared) };
    this.#opened.push(opened);
    return opened;
  }

  async stop(): Promise<void> {
    for (const { repositories } of this.#opened) repositories.close();
    await this.server.stop();
    try {
      refuseCanaries(this.directory);
    } finally {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}

/** The text of a catalog that lists these plugins at these sources. */
export function catalogText(name: string, plugins: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(plugins).map(([plugin, source]) => ({ name: plugin, source }));
  return JSON.stringify({ name, owner: { name: "Fixture" }, plugins: entries }, undefined, 2);
}

/** The files of a plugin below a directory. */
export function pluginFiles(
  directory: string,
  manifest: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const prefix = directory === "" ? "" : `${directory}/`;
  return {
    [`${prefix}.claude-plugin/plugin.json`]: JSON.stringify(manifest),
    [`${prefix}skills/note/SKILL.md`]: `---\nname: note\ndescription: From ${directory} ${String(manifest["version"])}\n---\n`,
  };
}

/** The entry of that name. */
export function entryOf(snapshot: CatalogSnapshot, name: string): CatalogEntry {
  const entry = snapshot.catalog.entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no entry ${name}`);
  return entry;
}

/** The offer of that version. */
export function offerOf(offers: readonly Offer[], version: string): Offer {
  const offer = offers.find((candidate) => candidate.version === version);
  if (offer === undefined)
    throw new Error(`no offer ${version} among ${offers.map((each) => each.version).join(", ")}`);
  return offer;
}

/** Every regular file of a tree with its text. */
export function textsOf(tree: FileTree, directory = ""): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { name } of tree.list(directory) ?? []) {
    const path = directory === "" ? name : `${directory}/${name}`;
    const node = tree.stat(path);
    if (node?.kind === "directory" && node.path === path) Object.assign(texts, textsOf(tree, path));
    else if (node?.kind === "file") texts[path] = new TextDecoder().decode(tree.read(path));
  }
  return texts;
}
