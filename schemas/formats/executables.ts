import { capabilityText } from "../capability-text.ts";
import { readExtension } from "../plugsmith-extension.ts";
import type {
  Contribution,
  HookContribution,
  HookHandler,
  LspContribution,
  McpContribution,
  PluginManifest,
  StdioServer,
} from "../plugin-manifest.ts";
import { isRecord } from "../record.ts";
import { resolveTreePath } from "./tree-path.ts";

/** One thing of a plugin that can execute, as consent shows it. */
export interface ExecutableFact {
  readonly kind:
    "hook" | "mcp" | "lsp" | "monitor" | "bin" | "mod" | "injection" | "entry" | "workflow" | "status-line";
  readonly name: string;
  /** The full command line, address or path; nothing is shortened. */
  readonly display: string;
  /** Tree paths that it names; they may not exist. */
  readonly files: readonly string[];
}

/** Everything of a plugin that can execute, in the order of its contributions. */
export function executables(manifest: PluginManifest): readonly ExecutableFact[] {
  const facts = [...manifest.contributions.flatMap(ofContribution), ...ofSettings(manifest)];
  const { entry, capabilities } = readExtension(manifest.plugsmith, manifest.name).value;
  if (entry === undefined) return facts;
  const display = `${entry} (${capabilityText(capabilities)})`;
  return [...facts, { kind: "entry", name: manifest.name, display, files: filesIn(entry) }];
}

function ofSettings({ settings }: PluginManifest): readonly ExecutableFact[] {
  const line = settings["subagentStatusLine"];
  if (line === undefined) return [];
  const command = isRecord(line) && typeof line["command"] === "string" ? line["command"] : JSON.stringify(line);
  return [{ kind: "status-line", name: "subagentStatusLine", display: command, files: filesIn(command) }];
}

function ofContribution(contribution: Contribution): readonly ExecutableFact[] {
  switch (contribution.kind) {
    case "hook":
      return [ofHook(contribution, contribution.event)];
    case "mcp":
      return [ofMcp(contribution)];
    case "lsp":
      return [ofLsp(contribution)];
    case "monitor":
      return [{ kind: "monitor", name: contribution.name, ...ofCommand([contribution.command]) }];
    case "bin":
    case "mod":
      return [
        { kind: contribution.kind, name: contribution.name, display: contribution.file, files: [contribution.file] },
      ];
    case "workflow":
      return [{ kind: "workflow", name: contribution.name, display: contribution.file, files: [contribution.file] }];
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

function ofHandler(handler: HookHandler): Runs {
  switch (handler.type) {
    case "command":
      return withDetails(ofCommand([handler.command, ...(handler.args ?? [])]), [["shell", handler.shell]]);
    case "http":
      return withDetails({ display: `POST ${handler.url}`, files: [] }, [
        ["headers", handler.headers],
        ["environment variables that they may hold", handler.allowedEnvVars],
      ]);
    case "mcp_tool":
      return withDetails({ display: `tool ${handler.tool} of server ${handler.server}`, files: [] }, [
        ["input", handler.input],
      ]);
    case "prompt":
    case "agent":
      return { display: `${handler.type}: ${handler.prompt}`, files: [] };
  }
}

function ofMcp(server: McpContribution): ExecutableFact {
  const { config, name } = server;
  switch (config.transport) {
    case "stdio":
      return { kind: "mcp", name, ...ofStdio(config) };
    case "bundle":
      return { kind: "mcp", name, display: config.location, files: filesIn(config.location) };
    default: {
      const helper = config.headersHelper;
      const sent = withDetails({ display: config.url, files: helper === undefined ? [] : filesIn(helper) }, [
        ["headers", config.headers],
        ["headers from", helper],
        ["oauth", config.oauth],
      ]);
      return { kind: "mcp", name, ...sent };
    }
  }
}

function ofStdio(config: StdioServer): Runs {
  const elsewhere = Object.entries(config.platforms ?? {}).map(
    ([platform, { command, args, env }]) => [`on ${platform}`, ofCommand([command, ...args], env).display] as const,
  );
  return withDetails(ofCommand([config.command, ...config.args], config.env), elsewhere);
}

function ofLsp({ name, command, args, env, options }: LspContribution): ExecutableFact {
  const given = Object.entries(options);
  return { kind: "lsp", name, ...withDetails(ofCommand([command, ...args], env), given) };
}

type Runs = Pick<ExecutableFact, "display" | "files">;

/** Adds whatever else decides what runs or is sent, each under its name; what is empty is left out. */
function withDetails({ display, files }: Runs, details: readonly (readonly [name: string, value: unknown])[]): Runs {
  const shown = details.flatMap(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text === undefined || text === "{}" || text === "[]" ? [] : [{ name, text }];
  });
  return {
    display: [display, ...shown.map(({ name, text }) => `(${name}: ${text})`)].join(" "),
    files: [...new Set([...files, ...shown.flatMap(({ text }) => filesIn(text))])],
  };
}

function ofCommand(words: readonly string[], env: Readonly<Record<string, string>> = {}): Runs {
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
