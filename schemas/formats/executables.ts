import type {
  Contribution,
  HookContribution,
  HookHandler,
  McpContribution,
  PluginManifest,
} from "../plugin-manifest.ts";
import { resolveTreePath } from "./tree-path.ts";

/** One thing of a plugin that can execute, as consent shows it. */
export interface ExecutableFact {
  readonly kind: "hook" | "mcp" | "lsp" | "monitor" | "bin" | "mod" | "injection" | "code";
  readonly name: string;
  /** The full command line, address or path; nothing is shortened. */
  readonly display: string;
  /** Tree paths that it names; they may not exist. */
  readonly files: readonly string[];
}

/** Everything of a plugin that can execute, in the order of its contributions. */
export function executables(manifest: PluginManifest): readonly ExecutableFact[] {
  const facts = manifest.contributions.flatMap((contribution) => ofContribution(contribution));
  const entry = manifest.plugsmith?.entry;
  return entry === undefined
    ? facts
    : [...facts, { kind: "code", name: manifest.name, display: entry, files: filesIn(entry) }];
}

function ofContribution(contribution: Contribution): readonly ExecutableFact[] {
  switch (contribution.kind) {
    case "hook":
      return [ofHook(contribution, contribution.event)];
    case "mcp":
      return [ofMcp(contribution)];
    case "lsp":
      return [{ kind: "lsp", name: contribution.name, ...ofCommand([contribution.command, ...contribution.args]) }];
    case "monitor":
      return [{ kind: "monitor", name: contribution.name, ...ofCommand([contribution.command]) }];
    case "bin":
    case "mod":
      return [
        { kind: contribution.kind, name: contribution.name, display: contribution.file, files: [contribution.file] },
      ];
    case "workflow":
      return [{ kind: "code", name: contribution.name, display: contribution.file, files: [contribution.file] }];
    case "skill":
    case "command": {
      const source = contribution.file === undefined ? [] : [contribution.file];
      const injected = (contribution.injections ?? []).map((command): ExecutableFact => ({
        kind: "injection",
        name: `${contribution.kind}/${contribution.name}`,
        display: command,
        files: [...new Set([...source, ...filesIn(command)])],
      }));
      const hooks = contribution.kind === "skill" ? (contribution.hooks ?? []) : [];
      return [...injected, ...hooks.map((hook) => ofHook(hook, `skill/${contribution.name} ${hook.event}`))];
    }
    default:
      return [];
  }
}

function ofHook(hook: HookContribution, event: string): ExecutableFact {
  const name = hook.matcher === undefined || hook.matcher === "" ? event : `${event}(${hook.matcher})`;
  return { kind: "hook", name, ...ofHandler(hook.handler) };
}

function ofHandler(handler: HookHandler): Pick<ExecutableFact, "display" | "files"> {
  switch (handler.type) {
    case "command":
      return ofCommand(handler.args === undefined ? [handler.command] : [handler.command, ...handler.args]);
    case "http":
      return { display: `POST ${handler.url}`, files: [] };
    case "mcp_tool":
      return { display: `tool ${handler.tool} of server ${handler.server}`, files: [] };
    case "prompt":
    case "agent":
      return { display: `${handler.type}: ${handler.prompt}`, files: [] };
  }
}

function ofMcp(server: McpContribution): ExecutableFact {
  const { config, name } = server;
  switch (config.transport) {
    case "stdio":
      return { kind: "mcp", name, ...ofCommand([config.command, ...config.args], config.env) };
    case "bundle":
      return { kind: "mcp", name, display: config.location, files: filesIn(config.location) };
    default: {
      const helper = config.headersHelper;
      const display = helper === undefined ? config.url : `${config.url} (headers from: ${helper})`;
      return { kind: "mcp", name, display, files: helper === undefined ? [] : filesIn(helper) };
    }
  }
}

function ofCommand(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Pick<ExecutableFact, "display" | "files"> {
  const [command = "", ...args] = words;
  const variables = Object.entries(env).map(([key, value]) => `${key}=${quote(value)}`);
  const files = [...words, ...Object.values(env)].flatMap((word) => filesIn(word));
  return { display: [...variables, command, ...args.map(quote)].join(" "), files: [...new Set(files)] };
}

function quote(word: string): string {
  return word !== "" && /^[\w@%+=:,./${}-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const ROOTED = /\$\{?(?:CLAUDE_)?(?:PLUGIN_ROOT|SKILL_DIR)\}?["']?\/([^\s"'`;|&<>()]+)/g;
const RELATIVE = /(?:^|[\s"'=])\.\/([^\s"'`;|&<>()]+)/g;

/** Tree paths a command line names: below the plugin root placeholder, or relative. */
function filesIn(text: string): readonly string[] {
  const paths = [...text.matchAll(ROOTED), ...text.matchAll(RELATIVE)].flatMap((match) => {
    const path = resolveTreePath(match[1] ?? "");
    return path === undefined || path === "" ? [] : [path];
  });
  return [...new Set(paths)];
}
