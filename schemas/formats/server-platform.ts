import type { Contribution } from "../plugin-manifest.ts";

/** The contributions as they are on one platform (`process.platform`): bundles may start their servers otherwise on each. */
export function onPlatform<T extends Contribution>(contributions: readonly T[], platform: string): readonly T[] {
  if (!contributions.some(hasPlatforms)) return contributions;
  return contributions.map((contribution) => {
    if (contribution.kind !== "mcp" || contribution.config.transport !== "stdio") return contribution;
    const { platforms = {}, ...config } = contribution.config;
    const own = Object.hasOwn(platforms, platform) ? platforms[platform] : undefined;
    return { ...contribution, config: { ...config, ...own } };
  });
}

function hasPlatforms(contribution: Contribution): boolean {
  const { kind } = contribution;
  return kind === "mcp" && contribution.config.transport === "stdio" && contribution.config.platforms !== undefined;
}
