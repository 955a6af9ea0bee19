import {
  elicitationAnswered,
  elicitationAsked,
  isObject,
  notification,
  type Elicitation,
  type ElicitationAnswer,
  type Emitting,
  type Person,
  type Session,
} from "plugsmith/plugin-api";
import { askAddress, askForm } from "./elicitation-questions.ts";
import { shownText } from "./listed.ts";

/** What answering the questions of one server needs. */
export interface ElicitationOptions {
  readonly emit: Emitting["emit"];
  readonly person: () => Promise<Person | undefined>;
  /** The session on whose behalf the server works now. */
  readonly session: () => Session | undefined;
  /** As hooks name the server, and as messages do. */
  readonly server: string;
  readonly label: string;
}

/** Answers a server's request. */
export type Answers = (params: unknown, signal: AbortSignal) => Promise<ElicitationAnswer>;

/**
 * Puts a server's questions first to hooks, then to the person, whose answer hooks may replace. What is no question is declined;
 * one that nobody is there to answer is cancelled.
 */
export function elicitation(options: ElicitationOptions): Answers {
  const { emit, label } = options;
  return async (params, signal) => {
    const asked = isObject(params) ? readQuestion(params, options) : undefined;
    if (asked === undefined) return { action: "decline" };
    const instead = await emit(elicitationAsked, asked, { signal });
    if (instead !== undefined) return instead;
    const person = await options.person();
    if (person === undefined) return { action: "cancel" };
    const { session, mode, message } = asked;
    const title = `${label} asks: ${message}`;
    const dialog = mode === "url" ? "elicitation_url_dialog" : "elicitation_dialog";
    await emit(notification, { session, kind: dialog, message: title });
    const put = { person, title, agentPath: session?.agentPath ?? [], signal };
    const answer = mode === "url" ? await askAddress(put, asked.url ?? "") : await askForm(put, asked.schema ?? {});
    const final = (await emit(elicitationAnswered, { ...asked, answer }, { signal })) ?? answer;
    await emit(notification, { session, kind: "elicitation_response", message: `${label} hears: ${final.action}` });
    return final;
  };
}

/** Nothing for what is no question, or leads somewhere else than to the web. */
function readQuestion(
  params: Readonly<Record<string, unknown>>,
  { session, server }: ElicitationOptions,
): Elicitation | undefined {
  const { mode = "form", url, elicitationId: id, requestedSchema: schema } = params;
  const message = shownText(params["message"], 500);
  const common = { session: session(), server, message, ...(typeof id === "string" && { id: shownText(id, 200) }) };
  if (mode === "form") return { ...common, mode, schema: isObject(schema) ? schema : {} };
  if (mode !== "url" || typeof url !== "string" || !/^https?:$/u.test(URL.parse(url)?.protocol ?? "")) return undefined;
  return { ...common, mode, url };
}
