import type { HostPlugin } from "../../core/host-plugin.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";

/** Where plugins come from, whatever their version: secrets belong to a plugin of one source only (DESIGN §5.5). */
export class PluginIdentities {
  #known: ReadonlyMap<string, string> = new Map();

  /** Takes the plugins that there are now; `sources` are those of installed ones. */
  replace(plugins: readonly HostPlugin[], sources: ReadonlyMap<string, LockedSource>): void {
    this.#known = new Map(plugins.map(({ info }) => [info.id, identityOf(info, sources.get(info.id))]));
  }

  of(id: string): string | undefined {
    return this.#known.get(id);
  }
}

function identityOf({ tier, directory }: HostPlugin["info"], source: LockedSource | undefined): string {
  if (source === undefined) return tier === "builtin" ? "builtin" : `directory:${directory}`;
  return sourceIdentity(source);
}

/** The identity of a source, the same for every version that comes from there. */
export function sourceIdentity(source: LockedSource): string {
  switch (source.kind) {
    case "git":
      return `git:${source.url}${source.path === "" ? "" : `:${source.path}`}`;
    case "directory":
      return `directory:${source.path}`;
    case "npm":
      return `npm:${source.registry ?? ""}:${source.package}`;
    case "archive":
      return `archive:${source.url}`;
    case "command":
      return `command:${source.command}`;
  }
}
