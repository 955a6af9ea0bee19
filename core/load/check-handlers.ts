import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type {
  HookContribution,
  McpContribution,
  MonitorContribution,
  PluginManifest,
  Provenance,
} from "../../schemas/plugin-manifest.ts";

/** A user's option in a text; where a shell reads the text, the option's value would become code (attacks.md HK02). */
const USER_OPTION = /\$\{user_config\.[^}]*\}/;

/** A matcher of names and separators only is compared, any other is a regular expression (formats.md §6.2). */
const NAME_LIST = /^[\w\- ,|]*$/;

/** Findings about what a plugin would have run: hooks (those of its skills too), monitors and helpers of MCP servers. */
export function checkHandlers(manifest: PluginManifest): readonly Diagnostic[] {
  return manifest.contributions.flatMap((contribution) => {
    switch (contribution.kind) {
      case "hook":
        return checkHook(contribution);
      case "skill":
        return (contribution.hooks ?? []).flatMap(checkHook);
      case "monitor":
        return checkMonitor(contribution);
      case "mcp":
        return checkHelper(contribution);
      default:
        return [];
    }
  });
}

function checkHook(hook: HookContribution): readonly Diagnostic[] {
  const { handler } = hook;
  const findings: Diagnostic[] = [];
  if (handler.type === "command" && handler.args === undefined) {
    findings.push(...refuseShellOption(`the ${hook.event} hook`, handler.command, "hook", hook.where));
  }
  if (handler.type === "http" && !isWebAddress(handler.url)) {
    findings.push(
      error(`the ${hook.event} hook calls \`${handler.url}\`, which is no http(s) URL`, "hook", hook.where),
    );
  }
  if (hook.matcher !== undefined && hook.matcher !== "*" && !NAME_LIST.test(hook.matcher) && !isPattern(hook.matcher)) {
    const message = `the matcher \`${hook.matcher}\` is no regular expression, so the ${hook.event} hook never runs`;
    findings.push({ code: "W_HOOK_MATCHER", severity: "warning", message, dropped: "hook", ...at(hook.where) });
  }
  return findings;
}

function checkMonitor({ name, command, where }: MonitorContribution): readonly Diagnostic[] {
  return refuseShellOption(`monitor \`${name}\``, command, "monitor", where);
}

function checkHelper({ name, config, where }: McpContribution): readonly Diagnostic[] {
  if (!("headersHelper" in config) || config.headersHelper === undefined) return [];
  return refuseShellOption(`the headers helper of MCP server \`${name}\``, config.headersHelper, "mcp", where);
}

function refuseShellOption(what: string, command: string, dropped: string, where: Provenance): readonly Diagnostic[] {
  const option = USER_OPTION.exec(command)?.[0];
  if (option === undefined) return [];
  const message = `${what} puts \`${option}\` into a shell command, where the option's value could run as code`;
  return [
    { ...error(message, dropped, where), hint: "its author has to pass the option through `args` or the environment" },
  ];
}

function error(message: string, dropped: string, where: Provenance): Diagnostic {
  return { code: "E_WOULD_NOT_LOAD", severity: "error", message, dropped, ...at(where) };
}

function at({ file, line, column }: Provenance): Pick<Diagnostic, "file" | "line" | "column"> {
  return { file, line, column };
}

function isWebAddress(url: string): boolean {
  // Variables of the environment may stand in a URL; what they hold is known only when the hook runs.
  if (url.includes("$")) return true;
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function isPattern(matcher: string): boolean {
  try {
    return new RegExp(matcher) instanceof RegExp;
  } catch {
    return false;
  }
}
