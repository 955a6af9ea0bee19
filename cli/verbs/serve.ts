import { isUnderSession } from "../../core/platform/session-marker.ts";
import { CodedError } from "../../schemas/errors.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { HOST_FLAGS, SESSION_FLAGS } from "../session/session-flags.ts";
import type { Verb } from "../verb.ts";

const HOST_NAMES: ReadonlySet<string> = new Set(["plugin-dir", "settings", "trust-workspace"]);
const SESSION_NAMES: ReadonlySet<string> = new Set(["permission-mode", "allowed-tools", "disallowed-tools"]);

/** `plugin serve`. */
export const verb: Verb = {
  name: "serve",
  summary: "offer every enabled plugin to any MCP client",
  positionals: [],
  flags: [
    { name: "http", summary: "serve on loopback over Streamable HTTP instead of standard input and output" },
    { name: "port", value: "number", summary: "with `--http`: this port (default: a free one)" },
    ...HOST_FLAGS.filter(({ name }) => HOST_NAMES.has(name)),
    ...SESSION_FLAGS.filter(({ name }) => SESSION_NAMES.has(name)),
  ],
  about: [
    "One MCP server over the plugins that a session here would load: tools of their MCP servers and their code, their skills",
    "and commands as prompts and resources. Policy, trust, consent, permission rules and hooks hold as in a session. A tool that",
    "no rule allows is put to the person where the client can ask (elicitation), and is denied where it cannot.",
    "With `--http` the address and a token for this run are printed on stderr; every request needs the token.",
  ],
  examples: [
    "plugin serve",
    'plugin serve --allowed-tools "mcp__plugin_github_github__*"',
    "plugin serve --http --port 7333",
  ],
  run: async (context, args) => {
    if (isUnderSession(context.environment)) throw refusedToSession();
    if (context.options.json) {
      throw new CodedError("E_USAGE", "`plugin serve` speaks MCP, so there is no `--json`", {
        hint: "leave `--json` out",
      });
    }
    const { serve } = await import("../serve/serve.ts");
    const exit = await serve(
      {
        directory: context.cwd,
        environment: context.environment,
        port: portOf(args),
        verbose: context.options.verbose,
        args,
      },
      context.writer,
    );
    return { exit, data: {}, text: () => [] };
  },
};

/** `undefined` for standard input and output, 0 for any free port. */
function portOf(args: ParsedArguments): number | undefined {
  const port = valueOf(args, "port");
  if (!args.switches.has("http")) {
    if (port === undefined) return undefined;
    throw new CodedError("E_USAGE", "`--port` needs `--http`", { hint: "`plugin serve --http --port 7333`" });
  }
  if (port === undefined) return 0;
  if (/^\d{1,5}$/u.test(port) && Number(port) <= 65_535) return Number(port);
  throw new CodedError("E_USAGE", `\`--port ${port}\` is not a port`, { hint: "a number from 0 to 65535" });
}

/** It changes nothing, but whoever starts it chooses the rules: under a session that would be a way around the session's own. */
function refusedToSession(): CodedError {
  return new CodedError(
    "E_TRUST",
    "`plugin serve` decides on tools by rules of its own, which nothing under a session may",
    {
      hint: "the session has the tools of the plugins already; start it outside of the session for another client",
    },
  );
}
