import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refuseCanary } from "../canary.ts";
import { requestProblem } from "./check-request.ts";
import { PrefixCache, requestTokens, type CountedTokens } from "./prefix-cache.ts";
import { replyEvents, type Fault, type Reply } from "./reply.ts";
import type { SentRequest } from "./request.ts";

/** One request as the server saw it. */
export interface ReceivedRequest {
  readonly body: SentRequest;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** 0 while the reply is not decided. */
  readonly status: number;
  /** Why it was rejected. */
  readonly problem?: string | undefined;
  readonly tokens: CountedTokens;
}

/** A loopback service that speaks the streaming Messages protocol and takes less than the real one. */
export interface MessagesServer extends AsyncDisposable {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Forgets what was recorded; prefixes stay cached. */
  forget(): void;
}

/** What the server answers with, and how much it takes. */
export interface MessagesServerOptions {
  /** Decides by the request; `call` counts accepted requests from 1. */
  readonly reply: (request: SentRequest, call: number) => Reply | Promise<Reply>;
  /** Default 200,000. */
  readonly contextWindowTokens?: number | undefined;
  /** The credential that is taken; default any. */
  readonly credential?: string | undefined;
  /** `false` keeps no bodies, for long runs. */
  readonly recording?: boolean | undefined;
}

const CONTEXT_WINDOW_TOKENS = 200_000;
const NO_TOKENS: CountedTokens = { input: 0, cacheRead: 0, cacheWrite: 0 };

/** Starts a server; it ends with the test that disposes it. */
export async function messagesServer(options: MessagesServerOptions): Promise<MessagesServer> {
  const { reply, contextWindowTokens = CONTEXT_WINDOW_TOKENS, credential, recording = true } = options;
  const requests: ReceivedRequest[] = [];
  const cache = new PrefixCache();
  let calls = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST" || request.url?.split("?")[0] !== "/v1/messages") {
      refuse(response, 404, "not_found_error", `no such endpoint: ${String(request.url)}`);
      return;
    }
    // The checks below look at every field.
    const body = JSON.parse(await bodyOf(request)) as SentRequest;
    const record = (status: number, tokens: CountedTokens, problem?: string): void => {
      if (recording) requests.push({ body, headers: request.headers, status, tokens, problem });
    };
    const given = request.headers.authorization?.replace(/^Bearer /u, "") ?? request.headers["x-api-key"];
    if (given === undefined || (credential !== undefined && given !== credential)) {
      record(401, NO_TOKENS, "credential");
      refuse(response, 401, "authentication_error", "invalid credential");
      return;
    }
    const problem = requestProblem(body) ?? overflow(body, contextWindowTokens);
    if (problem !== undefined) {
      record(400, NO_TOKENS, problem);
      refuse(response, 400, "invalid_request_error", problem);
      return;
    }
    calls += 1;
    const call = calls;
    const made = await reply(body, call);
    const refusal = refusalOf(made.fault);
    if (refusal !== undefined) {
      record(refusal.status, NO_TOKENS);
      refuse(response, refusal.status, refusal.type, refusal.message, refusal.headers);
      return;
    }
    const tokens = cache.count(body);
    record(200, tokens);
    stream(response, made, body.model, call, tokens);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, 500, "api_error", String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    forget: () => void requests.splice(0),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { body } of requests) refuseCanary(JSON.stringify(body), "what the model was sent");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function overflow(body: SentRequest, windowTokens: number): string | undefined {
  const tokens = requestTokens(body);
  return tokens > windowTokens
    ? `prompt is too long: ${String(tokens)} tokens > ${String(windowTokens)} maximum`
    : undefined;
}

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function refusalOf(fault: Fault | undefined): Refusal | undefined {
  switch (fault?.kind) {
    case "rate-limit":
      return {
        status: 429,
        type: "rate_limit_error",
        message: "too many requests",
        headers: { "retry-after": String(fault.retryAfterSeconds) },
      };
    case "overloaded":
      return { status: 529, type: "overloaded_error", message: "overloaded" };
    case "status":
      return { status: fault.status, type: fault.type, message: fault.message ?? fault.type };
    default:
      return undefined;
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ type: "error", error: { type, message }, request_id: "req_test" }));
}

function stream(response: ServerResponse, reply: Reply, model: string, call: number, tokens: CountedTokens): void {
  const { fault } = reply;
  const events = replyEvents(reply, model, call, tokens);
  const limited = fault !== undefined && "afterEvents" in fault ? events.slice(0, fault.afterEvents) : events;
  const lines = limited.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  if (fault?.kind === "error-event") {
    const error = { type: "error", error: { type: fault.type, message: fault.type } };
    lines.push(`event: error\ndata: ${JSON.stringify(error)}\n\n`);
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  if (fault?.kind === "reset") response.write(lines.join(""), () => response.socket?.resetAndDestroy());
  else if (fault?.kind === "silence") response.write(lines.join(""));
  else response.end(lines.join(""));
}
