import {
  messageOf,
  OPTION_PLACEHOLDER,
  pluginsService,
  settingsService,
  workspaceService,
  type PluginContext,
  type PluginInfo,
  type PromptText,
  type PromptTextRequest,
  type PromptTexts,
  type Session,
} from "plugsmith/plugin-api";
import { argumentValues, fillArguments } from "./arguments.ts";
import { attachments } from "./attachments.ts";
import { readBody } from "./document.ts";
import { optionsOf, placeholdersOf } from "./placeholders.ts";
import { segmentsOf } from "./segments.ts";
import { toolCaller } from "./tool-calls.ts";

const SHELLS = { bash: "Bash", powershell: "PowerShell" } as const;
const SWITCHED_OFF = "[commands of texts are switched off by `disableSkillShellExecution`]";

/** Makes texts ready, in the order of formats.md §4.6: commands are found, arguments filled, placeholders filled, commands run. */
export class Renderer implements PromptTexts {
  readonly #context: PluginContext;
  /** Documents whose author was told. */
  readonly #told = new Set<string>();

  constructor(context: PluginContext) {
    this.#context = context;
  }

  async render(request: PromptTextRequest): Promise<PromptText> {
    const { document, plugin, session, args, argumentNames = [], signal } = request;
    const body = "content" in document ? document.content : readBody(plugin.directory, document.file);
    const plugins = await this.#context.use(pluginsService);
    const loaded = plugins.all().find((each) => each.plugin.id === plugin.id);
    const values = argumentValues(body, args ?? "", argumentNames, optionsOf(loaded));
    if (values.oneBased && args !== undefined) this.#lint(request);
    const place = placeholdersOf(request);
    const trusted = await this.#trusts(plugin);
    const allowedTools = trusted ? (request.allowedTools ?? []).map(place) : [];
    const segments = request.shell === undefined ? [{ kind: "text" as const, text: body }] : segmentsOf(body);
    let used = false;
    const filled = segments.map(({ kind, text }) => {
      // A text without arguments, e.g. of an agent, has no tokens for them.
      if (args === undefined) return { kind, text: place(withOptions(text, values)) };
      const result = fillArguments(text, values);
      used ||= result.used;
      return { kind, text: place(result.text) };
    });
    const call = toolCaller(this.#context, request);
    const runs = request.shell !== undefined && !(await this.#switchedOff(plugin));
    const tool = SHELLS[request.shell ?? "bash"];
    const run = async (command: string): Promise<string> => {
      if (!runs) return SWITCHED_OFF;
      if (!trusted) throw new Error(refusal(command, request, "nobody trusts this project; trust it first"));
      const failed = (error: unknown): never => {
        signal.throwIfAborted();
        throw new Error(refusal(command, request, messageOf(error)), {
          cause: error,
        });
      };
      return withGrants(session, allowedTools, () => call(tool, { command }).catch(failed));
    };
    const parts: string[] = [];
    for (const { kind, text } of filled) parts.push(kind === "text" ? text : await run(text));
    const rest = (args ?? "").trim();
    const text = parts.join("") + (used || rest === "" ? "" : `\n\nARGUMENTS: ${rest}`);
    const mentioned = filled.map((part) => (part.kind === "text" ? part.text : "")).join("\n");
    return {
      text,
      attachments: request.attach === true ? await attachments(mentioned, session.directory, call) : [],
      allowedTools,
      trusted,
    };
  }

  /** What a repository brings runs only where a person trusts it (DESIGN §5.1). */
  async #trusts({ tier, id }: PluginInfo): Promise<boolean> {
    if (tier !== "loose" || id.endsWith("@user") || id.endsWith("@managed")) return true;
    return (await this.#context.find(workspaceService))?.trusted === true;
  }

  async #switchedOff({ tier, id }: PluginInfo): Promise<boolean> {
    if (tier === "builtin" || id.endsWith("@managed")) return false;
    return (await this.#context.find(settingsService))?.get("disableSkillShellExecution") === true;
  }

  #lint({ document, plugin }: PromptTextRequest): void {
    const name = `${plugin.id} ${"file" in document ? document.file : ""}`;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#context.log.warn(
      `${name}: \`$1\` without \`$0\` is read as the first argument; positions count from \`$0\`, so write \`$0\` or \`$ARGUMENTS[0]\``,
    );
  }
}

function withOptions(text: string, values: Parameters<typeof fillArguments>[1]): string {
  return text.replaceAll(OPTION_PLACEHOLDER, (match, key: string) => values.option(key) ?? match);
}

function refusal(command: string, { plugin, document }: PromptTextRequest, why: string): string {
  const where = "file" in document ? `\`${document.file}\` of \`${plugin.id}\`` : `a text of \`${plugin.id}\``;
  return `${where} was not used, because its command \`${command}\` did not run: ${why}`;
}

/** Rules that a text brings hold for its own commands only; whoever uses the text grants them for the turn. */
async function withGrants<T>(session: Session, rules: readonly string[], work: () => Promise<T>): Promise<T> {
  if (rules.length === 0) return work();
  const before = session.turn;
  session.setTurn({ ...before, allow: [...before.allow, ...rules] });
  try {
    return await work();
  } finally {
    session.setTurn(before);
  }
}
