import satisfies from "semver/functions/satisfies.js";
import { RESERVED_HINT, reservedServiceOf } from "../discover/reserved-services.ts";
import { ExecutableFinder } from "./executable.ts";
import { checkHandlers } from "./check-handlers.ts";
import type { LoadCandidate } from "../../plugin-api/service-contracts.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { Contribution, LspContribution, Provenance } from "../../schemas/plugin-manifest.ts";

/** What a load depends on beside the plugin. */
export interface LoadHost {
  /** Our own version. */
  readonly version: string;
  /** The value of `PATH`. */
  readonly searchPath: string;
  /** Whether a plugin that is no candidate is there, enabled, in the root that is changed. */
  readonly isInstalled: (id: string) => boolean;
}

/**
 * What the host would say when it loads the candidates, one list of findings each, in their order.
 *
 * An `error` means that the plugin would not load: our version is outside its engine range, a file that it names is missing,
 * a handler cannot run safely, a dependency is neither a candidate nor installed. Candidates hold manifests from `readPlugin`,
 * so that plan and load agree. Nothing is started.
 */
export function checkLoad(candidates: readonly LoadCandidate[], host: LoadHost): readonly (readonly Diagnostic[])[] {
  const ids = new Set(candidates.map((candidate) => candidate.id));
  const programs = new ExecutableFinder(host.searchPath);
  const servers = languageServers(candidates);
  return candidates.map((candidate) => [
    ...checkEngine(candidate, host.version),
    ...checkServices(candidate),
    ...checkFiles(candidate),
    ...checkHandlers(candidate.manifest),
    ...checkMods(candidate),
    ...checkDependencies(candidate, (id) => ids.has(id) || host.isInstalled(id)),
    ...checkLanguageServers(candidate, servers),
    ...checkPrograms(candidate, programs),
  ]);
}

function at(where: Provenance | undefined): Pick<Diagnostic, "file" | "line" | "column"> {
  return where === undefined ? {} : { file: where.file, line: where.line, column: where.column };
}

function checkEngine({ manifest }: LoadCandidate, version: string): readonly Diagnostic[] {
  const range = manifest.plugsmith?.engine;
  if (range === undefined || satisfies(version, range, { includePrerelease: true })) return [];
  const message = `the plugin needs Plugsmith \`${range}\`, and this is ${version}`;
  const hint = "update Plugsmith, or choose another version of the plugin";
  return [
    {
      code: "E_WOULD_NOT_LOAD",
      severity: "error",
      message,
      hint,
      dropped: "plugin",
      ...at(manifest.provenance["plugsmith.engine"]),
    },
  ];
}

function checkServices({ manifest }: LoadCandidate): readonly Diagnostic[] {
  const reserved = reservedServiceOf(manifest);
  if (reserved === undefined) return [];
  const message = `the plugin provides \`${reserved.key}\`, which speaks for the host: only code in the host's own process may`;
  return [
    {
      code: "E_WOULD_NOT_LOAD",
      severity: "error",
      message,
      hint: RESERVED_HINT,
      dropped: "plugin",
      ...at(reserved.where),
    },
  ];
}

function checkFiles({ manifest, tree }: LoadCandidate): readonly Diagnostic[] {
  const entry = manifest.plugsmith?.entry;
  const named = [
    ...(entry === undefined ? [] : [{ what: "the entry", dropped: "plugin", file: entry.replace(/^\.\//, "") }]),
    ...manifest.contributions.flatMap((contribution) => {
      if (!("file" in contribution) || contribution.file === undefined) return [];
      return [
        { what: `${contribution.kind} \`${contribution.name}\``, dropped: contribution.kind, file: contribution.file },
      ];
    }),
  ];
  return named.flatMap(({ what, dropped, file }) => {
    if (tree.stat(file)?.kind === "file") return [];
    const message = `${what} names \`${file}\`, which is not a file of the plugin`;
    return [
      {
        code: "E_NOT_FOUND",
        severity: "error",
        message,
        file,
        hint: "its author has to add the file",
        dropped,
      } as const,
    ];
  });
}

function checkMods({ manifest }: LoadCandidate): readonly Diagnostic[] {
  return manifest.contributions.flatMap((contribution) => {
    if (contribution.kind !== "mod") return [];
    const message = `\`${contribution.file}\` is in-process code for another host and does not run here`;
    return [
      { code: "W_MOD_UNSUPPORTED", severity: "warning", message, file: contribution.file, dropped: "mod" } as const,
    ];
  });
}

function checkDependencies(
  { id, manifest, needs }: LoadCandidate,
  isThere: (id: string) => boolean,
): readonly Diagnostic[] {
  const ownMarket = id.slice(id.lastIndexOf("@") + 1);
  const declared = manifest.dependencies.map(({ name, market, where }) => ({
    wanted: `${name}@${market ?? ownMarket}`,
    where,
  }));
  const wanting =
    needs?.map((wanted) => ({ wanted, where: declared.find((one) => one.wanted === wanted)?.where })) ?? declared;
  return wanting.flatMap(({ wanted, where }) => {
    if (isThere(wanted)) return [];
    const message = `the plugin needs \`${wanted}\`, which is neither installed and enabled nor part of this change`;
    return [
      {
        code: "E_WOULD_NOT_LOAD",
        severity: "error",
        message,
        hint: `\`plugin add ${wanted}\``,
        dropped: "plugin",
        ...at(where),
      } as const,
    ];
  });
}

interface LanguageServer {
  readonly id: string;
  readonly server: LspContribution;
}

/** Every server of the candidates by the file extensions it answers for, in the order in which they would be asked. */
function languageServers(candidates: readonly LoadCandidate[]): ReadonlyMap<string, readonly LanguageServer[]> {
  const servers = new Map<string, LanguageServer[]>();
  for (const { id, manifest } of candidates) {
    for (const server of manifest.contributions) {
      if (server.kind !== "lsp") continue;
      for (const extension of Object.keys(server.extensionToLanguage)) {
        servers.set(extension, [...(servers.get(extension) ?? []), { id, server }]);
      }
    }
  }
  return servers;
}

function checkLanguageServers(
  { id, manifest }: LoadCandidate,
  servers: ReadonlyMap<string, readonly LanguageServer[]>,
): readonly Diagnostic[] {
  return manifest.contributions.flatMap((server) => {
    if (server.kind !== "lsp") return [];
    return Object.keys(server.extensionToLanguage).flatMap((extension) => {
      const first = servers.get(extension)?.[0];
      if (first === undefined || first.server === server) return [];
      const message = `language server \`${server.name}\` of \`${id}\` is not asked about \`${extension}\` files: \`${first.server.name}\` of \`${first.id}\` is`;
      return [{ code: "W_LSP_EXTENSION", severity: "warning", message, ...at(server.where) } as const];
    });
  });
}

function checkPrograms({ manifest, tree }: LoadCandidate, programs: ExecutableFinder): readonly Diagnostic[] {
  return manifest.contributions.flatMap((contribution) => {
    const command = programOf(contribution);
    if (command === undefined || programs.has(command.program, tree)) return [];
    const message = `${command.what} starts \`${command.program}\`, which was not found`;
    const hint = `install \`${command.program}\`; until then everything else of the plugin works`;
    return [{ code: "I_PROGRAM_MISSING", severity: "info", message, hint, ...at(command.where) } as const];
  });
}

function programOf(
  contribution: Contribution,
): { readonly what: string; readonly program: string; readonly where: Provenance } | undefined {
  if (contribution.kind === "lsp") {
    return {
      what: `language server \`${contribution.name}\``,
      program: contribution.command,
      where: contribution.where,
    };
  }
  if (contribution.kind !== "mcp" || contribution.config.transport !== "stdio") return undefined;
  return {
    what: `MCP server \`${contribution.name}\``,
    program: contribution.config.command,
    where: contribution.where,
  };
}
