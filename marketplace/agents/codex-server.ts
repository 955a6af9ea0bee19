import type { McpContribution } from "../../schemas/plugin-manifest.ts";
import { onlyVariable, withVariables } from "./variables.ts";

/**
 * An MCP server as Codex reads it of a plugin. It fills in no variables, but passes some on by their names: those of the
 * same name to programs, whole headers to servers. Defaults of variables are written out. Bundles have no form there.
 */
export function codexServer({ config, timeoutMs }: McpContribution): unknown {
  const time = timeoutMs === undefined ? {} : { tool_timeout_sec: timeoutMs / 1000 };
  switch (config.transport) {
    case "bundle":
      return undefined;
    case "stdio": {
      const { command, args, env } = config;
      const [passed, plain] = parted(env, (value, key) => (onlyVariable(value) === key ? key : undefined));
      const variables = Object.keys(passed);
      return withDefaults({
        type: "stdio",
        command,
        args,
        env: plain,
        ...(variables.length > 0 && { env_vars: variables }),
        ...time,
      });
    }
    default: {
      const { transport, url, headers } = config;
      const [named, plain] = parted(headers, onlyVariable);
      const [bearer, others] = parted(plain, (value, key) =>
        key.toLowerCase() === "authorization" && value.startsWith("Bearer ")
          ? onlyVariable(value.slice("Bearer ".length))
          : undefined,
      );
      const [token] = Object.values(bearer);
      return withDefaults({
        type: transport,
        url,
        ...(Object.keys(others).length > 0 && { http_headers: others }),
        ...(Object.keys(named).length > 0 && { env_http_headers: named }),
        ...(token !== undefined && { bearer_token_env_var: token }),
        ...time,
      });
    }
  }
}

type Texts = Readonly<Record<string, string>>;

/** The members that stand for a variable, with its name, and the others. */
function parted(
  members: Texts,
  variable: (value: string, key: string) => string | undefined,
): readonly [named: Texts, others: Texts] {
  const entries = Object.entries(members).map(([key, value]) => [key, value, variable(value, key)] as const);
  return [
    Object.fromEntries(entries.flatMap(([key, , name]) => (name === undefined ? [] : [[key, name]]))),
    Object.fromEntries(entries.flatMap(([key, value, name]) => (name === undefined ? [[key, value]] : []))),
  ];
}

function withDefaults(value: unknown): unknown {
  return withVariables(value, ({ name, fallback }) => fallback ?? `\${${name}}`);
}
