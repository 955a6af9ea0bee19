import { isAbsolute, join } from "node:path";
import {
  mentionedOptions,
  missingOption,
  optionText,
  pluginVariables,
  type Secrets,
  type Workspace,
} from "plugsmith/plugin-api";
import { Placeholders } from "./placeholders.ts";
import { minimalEnvironment } from "./server-environment.ts";
import { isOfProject, type ServerSource } from "./server-source.ts";

/** How a server is started or reached, everything in place. */
export type Endpoint =
  | {
      readonly transport: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
      readonly directory: string;
    }
  | {
      readonly transport: "http" | "sse" | "ws";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly headersHelper: string | undefined;
      readonly oauth: Readonly<Record<string, unknown>> | undefined;
    };

/** An endpoint, or why there is none. */
export type EndpointResult =
  | {
      readonly kind: "endpoint";
      readonly endpoint: Endpoint;
      /** Equal for servers that are the same program or address (formats.md §7.1). */
      readonly identity: string;
      /** Values of secret options in it, to be hidden wherever it is written down. */
      readonly secrets: readonly string[];
      readonly warning?: string | undefined;
    }
  | { readonly kind: "problem"; readonly problem: string };

/** What endpoints are made of beside the server's configuration. */
export interface Surroundings {
  readonly workspace: Workspace;
  /** Absent: secret options stay placeholders, e.g. to compare servers. */
  readonly secrets?: Pick<Secrets, "option"> | undefined;
}

/** Builds command line, environment or address of a server. Nothing is started. */
export async function resolveEndpoint(source: ServerSource, surroundings: Surroundings): Promise<EndpointResult> {
  const { config } = source.server;
  if (config.transport === "bundle") {
    return {
      kind: "problem",
      problem: `its bundle \`${config.location}\` is not unpacked: that happens when its plugin is installed, and \`plugin info\` shows why it may have failed`,
    };
  }
  const { workspace } = surroundings;
  const { options, secrets } = await optionValues(source, surroundings);
  const places = new Placeholders({
    directories: pluginVariables(source.plugin, workspace),
    options,
    environment: workspace.environment,
  });
  const endpoint =
    config.transport === "stdio"
      ? stdioEndpoint(source, config, places, workspace)
      : {
          transport: config.transport,
          url: places.expand(config.url),
          headers: places.expandAll(config.headers),
          headersHelper:
            config.headersHelper === undefined ? undefined : helperCommand(config.headersHelper, source, workspace),
          oauth: config.oauth,
        };
  if (places.missing.size > 0 && source.plugin.tier !== "loose")
    return { kind: "problem", problem: unset(places.missing, source.plugin.id) };
  const problem = endpoint.transport === "stdio" ? undefined : urlProblem(endpoint);
  if (problem !== undefined) return { kind: "problem", problem };
  const warning =
    places.missing.size > 0 ? `${unset(places.missing, source.plugin.id)}; the text stays as it is written` : undefined;
  return { kind: "endpoint", endpoint, identity: identityOf(endpoint, config), secrets, warning };
}

type StdioConfig = Extract<ServerSource["server"]["config"], { readonly transport: "stdio" }>;

function stdioEndpoint(
  source: ServerSource,
  config: StdioConfig,
  places: Placeholders,
  workspace: Workspace,
): Endpoint {
  const own = places.expandAll(config.env);
  return {
    transport: "stdio",
    command: commandPath(places.expand(config.command), source, workspace),
    args: config.args.flatMap((argument) => listedValues(argument, source) ?? [places.expand(argument)]),
    environment: {
      ...minimalEnvironment(workspace.environment, workspace.projectDirectory),
      ...own,
      ...pluginVariables(source.plugin, workspace),
    },
    // Launchers such as `npx` run what they find where they are started: that of a stranger's repository they shall not.
    directory: workspace.trusted ? workspace.projectDirectory : workspace.homeDirectory,
  };
}

/** Several values of an option of a bundle are as many arguments when an argument is nothing but the option (formats.md §7.1). */
function listedValues(argument: string, { options, server }: ServerSource): readonly string[] | undefined {
  const [, key = ""] = /^\$\{user_config\.([\w-]+\.\w+)\}$/u.exec(argument) ?? [];
  const value = isMeant(key, server) && Object.hasOwn(options, key) ? options[key] : undefined;
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** A relative path means a file of whoever brings the server (attacks.md PR15); a bare name is looked for on `PATH`. */
function commandPath(command: string, source: ServerSource, workspace: Workspace): string {
  if (!/[/\\]/u.test(command) || isAbsolute(command)) return command;
  return join(isOfProject(source) ? workspace.projectDirectory : source.plugin.directory, command);
}

/** A shell reads the helper and expands variables itself; the option of a person in it would become code (formats.md §1.6). */
function helperCommand(helper: string, source: ServerSource, workspace: Workspace): string {
  return new Placeholders({
    directories: pluginVariables(source.plugin, workspace),
    options: {},
    environment: {},
  }).expand(helper);
}

const OPTION = "user_config.";

interface OptionValues {
  readonly options: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

async function optionValues(source: ServerSource, { secrets: keychain }: Surroundings): Promise<OptionValues> {
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  for (const key of mentionedOptions(textsOf(source))) {
    if (!isMeant(key, source.server)) continue;
    const option = Object.hasOwn(source.userConfig, key) ? source.userConfig[key] : undefined;
    if (option?.sensitive === true) {
      const secret = keychain === undefined ? `\${user_config.${key}}` : await keychain.option(source.plugin.id, key);
      if (secret !== undefined) values[key] = secret;
      else if (option.default !== undefined) values[key] = optionText(option.default);
      if (secret !== undefined && keychain !== undefined) secrets.push(secret);
      continue;
    }
    const value = Object.hasOwn(source.options, key) ? source.options[key] : option?.default;
    if (value !== undefined) values[key] = optionText(value);
  }
  return { options: values, secrets };
}

/** An option that is named after a server is for it alone. */
function isMeant(key: string, { name }: ServerSource["server"]): boolean {
  return !key.includes(".") || key.startsWith(`${name}.`);
}

function textsOf({ server: { config } }: ServerSource): readonly string[] {
  if (config.transport === "bundle") return [];
  if (config.transport === "stdio") return [config.command, ...config.args, ...Object.values(config.env)];
  return [config.url, ...Object.values(config.headers)];
}

function identityOf(endpoint: Endpoint, config: ServerSource["server"]["config"]): string {
  if (endpoint.transport !== "stdio") return canonicalUrl(endpoint.url);
  const own = config.transport === "stdio" ? Object.keys(config.env).sort() : [];
  return JSON.stringify([endpoint.command, endpoint.args, own.map((name) => [name, endpoint.environment[name]])]);
}

function canonicalUrl(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/$/u, "")}${search}`;
}

function urlProblem({ url, transport }: { readonly url: string; readonly transport: string }): string | undefined {
  const wanted = transport === "ws" ? ["ws:", "wss:"] : ["http:", "https:"];
  if (!URL.canParse(url)) return "its `url` is not a URL";
  const { protocol, username, password } = new URL(url);
  if (!wanted.includes(protocol)) return `its \`url\` begins with \`${protocol}\`; use \`${wanted.join("` or `")}\``;
  if (username !== "" || password !== "") return "its `url` holds a user name or password; use `headers`";
  return undefined;
}

function unset(missing: ReadonlySet<string>, id: string): string {
  const names = [...missing].map((name) => `\`\${${name}}\``).join(", ");
  const options = [...missing].flatMap((name) => (name.startsWith(OPTION) ? [name.slice(OPTION.length)] : []));
  const set = missing.size > options.length ? `; set ${missing.size === 1 ? "it" : "them"} in the environment` : "";
  return `no value for ${names}${set}${options.length === 0 ? "" : `; ${missingOption(id, options)}`}`;
}
