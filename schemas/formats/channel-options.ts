import { escapeControl } from "../names.ts";
import type { Contribution, PluginManifest, ServerStart, StdioServer, UserOption } from "../plugin-manifest.ts";
import type { Findings } from "./findings.ts";

type Options = Readonly<Record<string, UserOption>>;

/** The parts of a manifest that channels have a say in. */
export interface ChannelParts {
  readonly userConfig: Options;
  readonly contributions: readonly Contribution[];
}

/**
 * Adds the options of channels (formats.md §1.7) to those of the plugin as `<server>.<key>`, like those of bundles. In the environment of
 * its server `${user_config.KEY}` comes to mean the channel's option, and nowhere else; what the plugin itself declares is meant otherwise.
 */
export function withChannelOptions(
  { userConfig, contributions }: ChannelParts,
  { channels, provenance }: Pick<PluginManifest, "channels" | "provenance">,
  findings: Findings,
): ChannelParts {
  const added = new Map<string, UserOption>();
  const servers = new Map<string, StdioServer>();
  for (const { server: name, userConfig: options } of channels) {
    const keys = Object.keys(options);
    const found = contributions.find((one) => one.kind === "mcp" && one.name === name);
    // `plugin validate` tells of a server that is not there.
    if (keys.length === 0 || found?.kind !== "mcp" || found.config.transport === "bundle") continue;
    const { config } = found;
    if (config.transport !== "stdio" || !/^[\w-]+$/u.test(name)) {
      const [problem, hint] =
        config.transport === "stdio"
          ? ["has a name that no option can be named after", "use letters, digits, `_` and `-` in it"]
          : ["is not started here, so it has no environment", "declare them as `userConfig` of the plugin"];
      const message = `the options of channel \`${escapeControl(name)}\` have no effect: its server ${problem}`;
      findings.warn("W_SETTING", message, provenance["channels"] ?? found.where, { hint });
      continue;
    }
    for (const [key, option] of Object.entries(options)) added.set(`${name}.${key}`, option);
    servers.set(name, namingOptions(servers.get(name) ?? config, name, new Set(keys)));
  }
  return {
    userConfig: { ...Object.fromEntries(added), ...userConfig },
    contributions: contributions.map((one) => {
      const config = one.kind === "mcp" ? servers.get(one.name) : undefined;
      return one.kind === "mcp" && config !== undefined ? { ...one, config } : one;
    }),
  };
}

function namingOptions(config: StdioServer, server: string, keys: ReadonlySet<string>): StdioServer {
  const named = <T extends ServerStart>(start: T): T => ({
    ...start,
    env: Object.fromEntries(
      Object.entries(start.env).map(([name, text]) => [
        name,
        text.replaceAll(/\$\{user_config\.([A-Za-z_]\w*)\}/gu, (whole, key: string) =>
          keys.has(key) ? `\${user_config.${server}.${key}}` : whole,
        ),
      ]),
    ),
  });
  const platforms = Object.entries(config.platforms ?? {}).map(
    ([platform, start]) => [platform, named(start)] as const,
  );
  return { ...named(config), ...(platforms.length > 0 && { platforms: Object.fromEntries(platforms) }) };
}
