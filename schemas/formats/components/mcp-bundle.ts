import { escapeControl } from "../../names.ts";
import type { BundleJson, BundleOptionJson, BundleStartJson } from "../../mcp-bundle.ts";
import type { McpContribution, Provenance, ServerStart, StdioServer, UserOption } from "../../plugin-manifest.ts";
import { bundleShape } from "../../shapes.ts";
import { digestOf } from "../../tree-digest.ts";
import { readJsonFile } from "../json-file.ts";
import type { ReadContext } from "../read-context.ts";
import { checkShape } from "../shape-check.ts";
import { resolveTreePath } from "../tree-path.ts";

/** Folder of a plugin that its bundles are unpacked into when it is installed (formats.md §7.1). */
export const BUNDLES_FOLDER = ".mcpb-cache";

/** The folder of one bundle, by its path in the plugin or its address. */
export function bundleFolder(location: string): string {
  return `${BUNDLES_FOLDER}/${digestOf(location).slice("sha256-".length, "sha256-".length + 16)}`;
}

/**
 * Reads the server of an unpacked bundle; its options are added to the context as `<server>.<key>`. `undefined` after a finding;
 * a bundle that nobody unpacked stays what it is.
 */
export function readBundle(
  context: ReadContext,
  location: string,
  name: string,
  where: Provenance,
): McpContribution | undefined {
  const { tree, findings } = context;
  const file = `${bundleFolder(location)}/manifest.json`;
  if (tree.stat(file)?.kind !== "file") return { kind: "mcp", name, config: { transport: "bundle", location }, where };
  const document = readJsonFile(tree, file, findings, "mcp");
  if (document === undefined) return undefined;
  const subject = `MCP bundle \`${escapeControl(location)}\``;
  const json = checkShape(bundleShape, document, findings, { code: "E_SCHEMA", subject, dropped: "mcp" });
  if (json === undefined) return undefined;
  const start = json.server.mcp_config ?? defaultStart(json);
  if (start === undefined) {
    const message = `${subject} says neither \`mcp_config\` nor how a server of its type is started`;
    const hint = "give `server` an `mcp_config` with a `command`";
    findings.error("E_SCHEMA", message, document.where(["server"]), { hint, dropped: "mcp" });
    return undefined;
  }
  const server = json.name.replaceAll(/[^\w-]+/gu, "-").replaceAll(/^-+|-+$/gu, "") || name;
  for (const [key, option] of Object.entries(json.user_config ?? {}))
    context.bundleOptions?.set(`${server}.${key}`, optionOf(key, option));
  const text = new BundleTexts(context, bundleFolder(location), server);
  const base = text.start(start);
  const platforms = Object.entries(start.platform_overrides ?? {}).map(
    ([platform, { command = start.command, args = start.args, env }]) =>
      [platform, text.start({ command, args, env: { ...start.env, ...env } })] as const,
  );
  const config: StdioServer = {
    transport: "stdio",
    ...base,
    ...(platforms.length > 0 && { platforms: Object.fromEntries(platforms) }),
  };
  return { kind: "mcp", name: server, config, where };
}

/** What a bundle without `mcp_config` means by its type. */
function defaultStart({ server: { type, entry_point: entry } }: BundleJson): BundleStartJson | undefined {
  if (entry === undefined) return undefined;
  const file = `\${__dirname}/${entry}`;
  switch (type) {
    case "node":
      return { command: "node", args: [file] };
    case "python":
      return { command: "python3", args: [file] };
    case "uv":
      return { command: "uv", args: ["run", "--directory", "${__dirname}", entry] };
    case "binary":
      return { command: file };
    default:
      return undefined;
  }
}

function optionOf(key: string, option: BundleOptionJson): UserOption {
  const { type, title = key, description = title, default: value, min, max } = option;
  return {
    type,
    title,
    description,
    required: option.required ?? false,
    sensitive: option.sensitive ?? false,
    multiple: option.multiple ?? false,
    ...(value !== undefined && { default: defaultOf(value) }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  };
}

function defaultOf(value: NonNullable<BundleOptionJson["default"]>): NonNullable<UserOption["default"]> {
  if (typeof value === "string") return withPlaces(value);
  return typeof value === "object" ? value.map(withPlaces) : value;
}

/** The texts of a bundle's manifest, in the words of this plugin's other servers. */
class BundleTexts {
  readonly #context: ReadContext;
  readonly #folder: string;
  readonly #server: string;

  constructor(context: ReadContext, folder: string, server: string) {
    this.#context = context;
    this.#folder = folder;
    this.#server = server;
  }

  start({ command, args = [], env = {} }: BundleStartJson): ServerStart {
    return {
      command: this.#command(command),
      args: args.map((argument) => this.#argument(argument)),
      env: Object.fromEntries(Object.entries(env).map(([name, text]) => [name, this.#filled(text)])),
    };
  }

  /** A command with a slash is a file of the bundle, one without is looked for on `PATH`. */
  #command(text: string): string {
    const filled = this.#filled(text);
    return /^[^$/\\~][^\\]*\//u.test(filled) || filled.startsWith("./") ? this.#own(filled) : filled;
  }

  /** Bundles that name their files without `${__dirname}` count on being started in their folder. */
  #argument(text: string): string {
    const path = text.startsWith("-") ? undefined : resolveTreePath(text);
    const isFile = path !== undefined && this.#context.tree.stat(`${this.#folder}/${path}`)?.kind === "file";
    return isFile ? this.#own(path) : this.#filled(text);
  }

  #own(path: string): string {
    return `\${CLAUDE_PLUGIN_ROOT}/${this.#folder}/${path.replace(/^\.\//u, "")}`;
  }

  #filled(text: string): string {
    return withPlaces(text)
      .replaceAll("${__dirname}", () => `\${CLAUDE_PLUGIN_ROOT}/${this.#folder}`)
      .replaceAll(/\$\{user_config\.(\w+)\}/gu, (_, key: string) => `\${user_config.${this.#server}.${key}}`);
  }
}

/** Folders of a person as other servers name them. */
function withPlaces(text: string): string {
  return text
    .replaceAll(/\$\{(?:\/|pathSeparator)\}/gu, "/")
    .replaceAll(/\$\{(DESKTOP|DOCUMENTS|DOWNLOADS)\}/gu, (_, name: string) => {
      return `\${HOME}/${name.charAt(0)}${name.slice(1).toLowerCase()}`;
    });
}
