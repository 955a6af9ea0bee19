import { commandPoint, skillPoint } from "../../plugin-api/points/component.ts";
import { toolPoint } from "../../plugin-api/points/tool.ts";
import { expansionGate, sessionStart, type Expansion } from "../../plugin-api/events/session.ts";
import type { ContentBlock } from "../../plugin-api/message.ts";
import { promptTextsService } from "../../plugin-api/services/prompt-texts.ts";
import {
  toolsService,
  type OfferedTool,
  type ToolRun,
  type ToolRunRequest,
  type Tools,
} from "../../plugin-api/services/tools.ts";
import type { Session } from "../../plugin-api/session.ts";
import { CodedError } from "../../schemas/errors.ts";
import { required } from "../session/missing-service.ts";
import type { ServedHost } from "./served-host.ts";
import { servedTexts, type ServedText } from "./served-texts.ts";
import { isServed } from "./served-tools.ts";

/** The tool of the MCP bridge that reads resources of servers. */
export const READ_RESOURCE = "ReadMcpResource";

/** How long a list waits for hooks of the session's start and for servers whose tools are not known yet. */
export const FIRST_LIST_MS = 5_000;

/** What one client does with the plugins: a session of its own, begun by its first wish. */
export class ServedClient {
  readonly #host: ServedHost;
  readonly #closing = new AbortController();
  #session: Promise<Session> | undefined;
  #begun: Promise<Session> | undefined;
  #calls = 0;

  constructor(host: ServedHost) {
    this.#host = host;
  }

  /** Sorted by name. */
  async tools(): Promise<readonly OfferedTool[]> {
    const begun = this.#begin();
    await Promise.race([begun, new Promise((resolve) => setTimeout(resolve, FIRST_LIST_MS).unref())]);
    const [tools, session] = await Promise.all([this.#tools(), this.#opened()]);
    return tools.list(session).filter(isServed);
  }

  /** Throws `E_NOT_FOUND` for a name that no plugin's tool has. */
  async call({
    name,
    ...request
  }: Omit<ToolRunRequest, "session" | "callId" | "signal"> & { readonly signal: AbortSignal }): Promise<ToolRun> {
    return this.work(async (session, callId) => {
      const tools = await this.#tools();
      const known = tools.list(session).some((tool) => tool.descriptor.name === name && isServed(tool));
      if (!known) {
        throw new CodedError("E_NOT_FOUND", `no plugin has a tool \`${name}\``, { hint: "list the tools again" });
      }
      return tools.call({ ...request, name, session, callId, signal: this.signal(request.signal) });
    });
  }

  /** Reads a resource of a server as a session does: by the tool that rules and hooks know. */
  async readResource(server: string, uri: string, signal: AbortSignal): Promise<ToolRun> {
    return this.work(async (session, callId) => {
      const tools = await this.#tools();
      const input = { server, uri };
      return tools.call({ name: READ_RESOURCE, input, session, callId, signal: this.signal(signal) });
    });
  }

  async texts(): Promise<ReadonlyMap<string, ServedText>> {
    const { frontend } = this.#host;
    const [skills, commands] = await Promise.all([frontend.read(skillPoint), frontend.read(commandPoint)]);
    return servedTexts(skills.all(), commands.all());
  }

  /** A text as a prompt: commands in it run through the gate of tools, what it allows itself holds for those alone. */
  async prompt(
    { name, kind, plugin, text }: ServedText,
    args: string,
    signal: AbortSignal,
  ): Promise<readonly ContentBlock[]> {
    return this.work(async (session, callId) => {
      const { frontend } = this.#host;
      const texts = await required(promptTextsService.key, () => frontend.use(promptTextsService));
      const made = await texts.render({ ...text, args, session, callId, signal: this.signal(signal) });
      const where = text.skillPath === undefined ? [] : [textBlock(folderLine(name, plugin.directory, text.skillPath))];
      const content = [...where, textBlock(made.text), ...made.attachments];
      return [...content, ...(await this.passGate(session, { content, name, kind, args }, signal))];
    });
  }

  /** What hooks add to a prompt. Throws `E_TRUST` where they refuse it. */
  async passGate(session: Session, expansion: Expansion, signal: AbortSignal): Promise<readonly ContentBlock[]> {
    const { name, args } = expansion;
    const text = `/${name} ${args}`.trim();
    const gate = await this.#host.frontend.emit(expansionGate, { session, text, expansion }, { signal });
    if (gate.decision === "deny" || gate.decision === "ask") {
      throw new CodedError("E_TRUST", gate.reason ?? `\`${name}\` was refused`, {
        hint: "ask whoever set the hook that refuses it",
      });
    }
    return (gate.context ?? []).map(textBlock);
  }

  /** A text as it is written, with places filled in; nothing of it runs. */
  async document(
    { text: { shell: _shell, attach: _attach, ...text } }: ServedText,
    signal: AbortSignal,
  ): Promise<string> {
    const { frontend } = this.#host;
    const texts = await required(promptTextsService.key, () => frontend.use(promptTextsService));
    const session = await this.#opened();
    return (await texts.render({ ...text, session, callId: this.#callId(), signal })).text;
  }

  /** Calls back after tools came or went. */
  async onTools(changed: () => void): Promise<void> {
    const reader = await this.#host.frontend.read(toolPoint);
    this.untilClosed(reader.onChange(changed));
  }

  /** Calls back after skills or commands came or went. */
  async onTexts(changed: () => void): Promise<void> {
    const { frontend } = this.#host;
    const readers = await Promise.all([frontend.read(skillPoint), frontend.read(commandPoint)]);
    for (const reader of readers) this.untilClosed(reader.onChange(changed));
  }

  /** Ends what runs for it. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new CodedError("E_INTERRUPTED", "the client went away", { hint: "connect again" }));
    const session = await this.#session?.catch(() => undefined);
    await session?.close();
  }

  /** Does something in the client's session, which begins with it. */
  async work<Result>(work: (session: Session, callId: string) => Promise<Result>): Promise<Result> {
    const session = await this.#begin();
    return this.#host.steadily(() => work(session, this.#callId()));
  }

  /** Raises the hooks of a session's beginning once; what they would tell a model has no place in MCP. */
  #begin(): Promise<Session> {
    this.#begun ??= this.#opened().then(async (session) => {
      const { frontend } = this.#host;
      const { signal } = this.#closing;
      await this.#host.steadily(() =>
        frontend.emit(sessionStart, { session, source: "startup", texts: [] }, { signal }),
      );
      return session;
    });
    return this.#begun;
  }

  #opened(): Promise<Session> {
    return (this.#session ??= this.#host.openSession());
  }

  #tools(): Promise<Tools> {
    const { frontend } = this.#host;
    return required(toolsService.key, () => frontend.use(toolsService));
  }

  #callId(): string {
    this.#calls += 1;
    return `serve-${String(this.#calls)}`;
  }

  /** Aborted with the request or the client. */
  signal(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }

  /** Disposes with the client. */
  untilClosed(registration: { readonly dispose: () => void }): void {
    this.#closing.signal.addEventListener("abort", () => registration.dispose(), { once: true });
  }
}

function textBlock(text: string): ContentBlock {
  return { type: "text", text };
}

function folderLine(name: string, directory: string, path: string): string {
  return `Skill \`${name}\`; its files are in \`${directory}${path === "" ? "" : `/${path}`}\`.`;
}
