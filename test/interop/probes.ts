import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ClientName } from "./clients.ts";

/** What a client itself says about one plugin. */
export interface Held {
  readonly version: string;
  /** E.g. `skill greet`, sorted. */
  readonly components: readonly string[];
  /** A text of the plugin as the client reads it, to see that it is the locked one. */
  readonly text: string;
}

/** A machine of its own for one client. */
export interface ClientMachine {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Asks a client what it holds of `kit`; `undefined` when it holds nothing of it. */
export type Probe = (machine: ClientMachine) => Promise<Held | undefined>;

function ask({ home, environment }: ClientMachine, command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: home,
    env: environment,
    encoding: "utf8",
    timeout: 180_000,
  });
  if (status !== 0)
    throw new Error(`\`${command} ${args.join(" ")}\` ended with ${String(status)}: ${stdout}${stderr}`);
  return stdout.trim() === "" ? stderr : stdout;
}

// The shapes of what clients print are theirs; a wrong reading fails the comparison that follows.
// oxlint-disable-next-line typescript/no-explicit-any -- foreign JSON that is only compared
const json = (text: string): any => JSON.parse(text.slice(text.search(/[[{]/u)));

const claude: Probe = async (machine) => {
  const all: readonly { id: string; version: string; readFromFolder: string }[] = json(
    ask(machine, "claude", ["plugin", "list", "--json"]),
  );
  const kit = all.find(({ id }) => id.startsWith("kit@"));
  if (kit === undefined) return undefined;
  const details = ask(machine, "claude", ["plugin", "details", kit.id]);
  ask(machine, "claude", ["plugin", "validate", join(kit.readFromFolder, ".claude-plugin", "plugin.json")]);
  const listed = (title: string): readonly string[] =>
    (new RegExp(`${title} \\(\\d+\\)\\s+(.*)`, "u").exec(details)?.[1] ?? "")
      .replace(/\s+\(.*/u, "")
      .split(", ")
      .filter((name) => name !== "");
  return {
    version: kit.version,
    components: [
      ...listed("Skills").map((name) => `skill ${name}`),
      ...listed("Agents").map((name) => `agent ${name}`),
      ...listed("Hooks").map((name) => `hook ${name}`),
      ...listed("MCP servers").map((name) => `mcp ${name}`),
    ].sort(),
    text: readFileSync(join(kit.readFromFolder, "skills/greet/SKILL.md"), "utf8"),
  };
};

const codex: Probe = async (machine) => {
  const { installed } = json(ask(machine, "codex", ["plugin", "list", "--json"]));
  const kit = installed.find(({ name }: { name: string }) => name === "kit");
  if (kit === undefined) return undefined;
  const { plugin } = await callCodex(machine, "plugin/read", {
    pluginName: "kit",
    marketplacePath: join(kit.marketplaceSource.source, ".claude-plugin", "marketplace.json"),
  });
  const agents = join(machine.home, ".codex", "agents");
  const greet = plugin.skills.find(({ name }: { name: string }) => name === "kit:greet");
  return {
    version: kit.version,
    components: [
      ...plugin.skills.map(({ name }: { name: string }) => `skill ${name.slice("kit:".length)}`),
      ...(existsSync(agents) ? readdirSync(agents) : []).map((file) => `agent ${file.replace(/^kit-|\.toml$/gu, "")}`),
      ...plugin.hooks.map(
        ({ eventName }: { eventName: string }) => `hook ${eventName.charAt(0).toUpperCase()}${eventName.slice(1)}`,
      ),
      ...plugin.mcpServers.map((name: string) => `mcp ${name}`),
    ].sort(),
    text: greet?.description ?? "",
  };
};

const copilot: Probe = async (machine) => {
  const all: readonly { name: string; marketplace: string; version: string; enabled: boolean }[] = json(
    ask(machine, "copilot", ["plugin", "list", "--json"]),
  );
  const kit = all.find(({ name, enabled }) => name === "kit" && enabled);
  if (kit === undefined) return undefined;
  const skills =
    ask(machine, "copilot", ["skill", "list"])
      .split(/\n\s*\n/u)
      .find((part) => part.startsWith("Plugin skills")) ?? "";
  const servers = ask(machine, "copilot", ["mcp", "list"]);
  return {
    version: kit.version,
    components: [
      ...[...skills.matchAll(/^ {2}(\S+) - /gmu)]
        .map(([, name]) => `skill ${name ?? ""}`)
        .filter((name) => name !== "skill ground"),
      ...(servers.includes("facts") ? ["mcp facts"] : []),
    ].sort(),
    text: skills,
  };
};

const gemini: Probe = async (machine) => {
  const all = json(ask(machine, "gemini", ["extensions", "list", "--output-format", "json"]));
  const kit = all.find(({ name }: { name: string }) => name === "kit");
  if (kit === undefined) return undefined;
  const names = (key: string, word: string): readonly string[] =>
    (kit[key] ?? []).map(({ name }: { name: string }) => `${word} ${name}`);
  return {
    version: kit.version,
    components: [
      ...names("skills", "skill"),
      ...names("agents", "agent"),
      ...Object.keys(kit.hooks ?? {}).map((event) => `hook ${event}`),
      ...Object.keys(kit.mcpServers ?? {}).map((name) => `mcp ${name}`),
      ...(existsSync(join(kit.path, "commands", "draft.toml")) ? ["command draft"] : []),
    ].sort(),
    text: JSON.stringify(kit.skills),
  };
};

const opencode: Probe = async (machine) => {
  const config = json(ask(machine, "opencode", ["debug", "config"]));
  if (config.mcp?.facts === undefined) return undefined;
  const skills: readonly { name: string; description: string }[] = json(ask(machine, "opencode", ["debug", "skill"]));
  const greet = skills.find(({ name }) => name === "greet");
  return {
    // It knows no versions; what its server is started with says which one it is.
    version: config.mcp.facts.command.at(-1),
    components: [
      ...(greet === undefined ? [] : ["skill greet"]),
      ...Object.keys(config.command).map((name) => `command ${name}`),
      ...Object.keys(config.agent).map((name) => `agent ${name}`),
      ...Object.keys(config.mcp).map((name) => `mcp ${name}`),
    ].sort(),
    text: greet?.description ?? "",
  };
};

/** One question to Codex's app server. */
// oxlint-disable-next-line typescript/no-explicit-any -- foreign JSON that is only compared
function callCodex({ home, environment }: ClientMachine, method: string, parameters: unknown): Promise<any> {
  return new Promise((resolve, reject) => {
    const child = spawn("codex", ["app-server"], { cwd: home, env: environment, stdio: ["pipe", "pipe", "ignore"] });
    const timer = setTimeout(() => child.kill(), 60_000);
    const send = (message: unknown): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { id, result, error } = json(line);
      if (id === 1) {
        send({ jsonrpc: "2.0", method: "initialized" });
        send({ jsonrpc: "2.0", id: 2, method, params: parameters });
      }
      if (id !== 2) return;
      child.kill();
      if (error === undefined) resolve(result);
      else reject(new Error(`codex: ${method}: ${JSON.stringify(error)}`));
    });
    child.on("exit", () => {
      clearTimeout(timer);
      reject(new Error(`codex: no answer to ${method}`));
    });
    send({ jsonrpc: "2.0", id: 1, method: "initialize", params: { clientInfo: { name: "interop", version: "1" } } });
  });
}

/** How each client is asked. */
export const PROBES: Readonly<Record<ClientName, Probe>> = { claude, codex, copilot, gemini, opencode };
