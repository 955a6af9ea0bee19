import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The real clients that are asked what they hold, with the versions that the writers were made against. */
export const CLIENTS = {
  claude: { package: "@anthropic-ai/claude-code", version: "2.1.332" },
  codex: { package: "@openai/codex", version: "0.171.0" },
  copilot: { package: "@github/copilot", version: "1.0.102" },
  gemini: { package: "@google/gemini-cli", version: "0.61.0" },
  opencode: { package: "opencode-ai", version: "1.18.33" },
} as const;

export type ClientName = keyof typeof CLIENTS;

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/interop", import.meta.url));

/**
 * Installs one client, unless it is there, and returns the folder of its program. They are hundreds of megabytes and run
 * install scripts of their own, so they are no dependency of the project and live in a cache of their own.
 */
export function installClient(name: ClientName): string {
  const client = CLIENTS[name];
  const folder = join(CACHE, `${name}-${client.version}`);
  const bin = join(folder, "node_modules", ".bin");
  if (!existsSync(join(bin, name))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ private: true, dependencies: { [client.package]: client.version } }),
    );
    const { status, stdout, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      encoding: "utf8",
      timeout: 600_000,
    });
    if (status !== 0) throw new Error(`${client.package} could not be installed:\n${stdout}${stderr}`);
  }
  return bin;
}
