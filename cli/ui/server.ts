import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { browserFile } from "../../marketplace/site/browser-files.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { reportOf } from "../print/error-report.ts";
import type { ChangeEvent } from "./change-event.ts";
import { readAnswer, readOrder } from "./change-order.ts";
import type { ChangeRunner } from "./change-runner.ts";
import type { Door, Refusal } from "./door.ts";
import type { Pages } from "./pages.ts";
import { renderProblem } from "./render-ui.ts";
import { visible } from "./visible.ts";

/** What the server answers with. */
export interface UiServerOptions {
  readonly door: Door;
  readonly pages: Pages;
  readonly changes: ChangeRunner;
  /** Ends every change that waits or has not committed. */
  readonly signal: AbortSignal;
  /** Told of everything that a change came to. */
  readonly onEvent: (event: ChangeEvent) => void;
}

/** What a page may load and do; the same as the pages say of themselves, and that nobody may frame them. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

const MAX_BODY_BYTES = 64_000;

const REFUSALS: Readonly<Record<Refusal, string>> = {
  host: "This address is not the one of the server.",
  origin: "The request came from a page of somebody else.",
  session: "This browser did not come in through the link, or the link was used already.",
  token: "The page is of another server; reload it.",
};

/** Answers the requests of a server that listens on loopback. */
export function uiRequests(options: UiServerOptions): RequestListener {
  return (request, response) => {
    handle(request, response, options).catch((error: unknown) => fail(response, error));
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, options: UiServerOptions): Promise<void> {
  const { door } = options;
  const url = URL.parse(request.url ?? "", door.origin);
  if (url === null) return sendPage(response, 400, problem("Not understood", "The address is malformed."));
  // The link may stand anywhere: in a mail, or in the file that opened the browser.
  if (request.method === "GET" && url.pathname === "/open") return open(url, request, response, door);
  const foreign = door.foreign(request);
  if (foreign !== undefined) return refuse(response, foreign);
  if (request.method === "POST") return change(url.pathname, request, response, options);
  if (request.method !== "GET")
    return send(response, 405, "text/plain", "method not allowed\n", { allow: "GET, POST" });
  const refusal = door.refusal(request);
  // Pictures and style of the page that says so.
  if (refusal !== undefined && !/^\/assets\/(?:style\.css|icon\.svg)$/u.test(url.pathname))
    return refuse(response, refusal);
  await show(url.pathname, response, options);
}

/** A page that leads on, not a redirect: a browser that came from elsewhere sends the cookie only to what a page of ours asks for. */
function open(url: URL, request: IncomingMessage, response: ServerResponse, door: Door): void {
  if (!door.isAddressed(request)) return refuse(response, "host");
  const isIn = door.spend(url.searchParams.get("token") ?? "");
  if (!isIn && door.refusal(request) !== undefined) return refuse(response, "session");
  const headers = { refresh: "0;url=/", ...(isIn ? { "set-cookie": door.cookie } : {}) };
  send(response, 200, "text/html; charset=utf-8", problem("You are in", "The pages open in a moment."), headers);
}

async function show(path: string, response: ServerResponse, { pages }: UiServerOptions): Promise<void> {
  switch (path) {
    case "/":
      return sendPage(response, 200, await pages.installed());
    case "/discover":
      return sendPage(response, 200, await pages.discover());
    case "/history":
      return sendPage(response, 200, await pages.history());
    case "/api/generation":
      return sendJson(response, 200, { generation: await pages.generation() });
    case "/assets/style.css":
      return send(response, 200, "text/css; charset=utf-8", browserFile("style.css") + browserFile("ui-style.css"));
    case "/assets/ui.js":
      return send(response, 200, "text/javascript; charset=utf-8", browserFile("ui.js"));
    case "/assets/index.js":
      return send(response, 200, "text/javascript; charset=utf-8", await pages.index());
    case "/assets/icon.svg":
      return send(response, 200, "image/svg+xml", browserFile("icon.svg"));
    default: {
      const id = /^\/p\/([^/]+)$/u.exec(path)?.[1];
      if (id === undefined) return sendPage(response, 404, problem("Not found", "There is no such page."));
      return sendPage(response, 200, await pages.plugin(decoded(id)));
    }
  }
}

/** A malformed name names nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

async function change(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  options: UiServerOptions,
): Promise<void> {
  const refusal = options.door.refusalToChange(request);
  if (refusal !== undefined) return sendJson(response, 403, { message: REFUSALS[refusal] });
  const body = await readBody(request);
  if (path === "/api/answers") {
    const found = options.changes.answer(readAnswer(body));
    return sendJson(response, found ? 200 : 410, { found });
  }
  if (path !== "/api/changes") return sendJson(response, 404, { message: "There is nothing here." });
  const order = readOrder(body);
  const left = new AbortController();
  response.on("close", () => left.abort());
  response.writeHead(200, { ...HEADERS, "content-type": "application/x-ndjson; charset=utf-8" });
  const tell = (event: ChangeEvent): void => {
    options.onEvent(event);
    if (!response.destroyed) response.write(`${JSON.stringify(visible(event))}\n`);
  };
  await options.changes.run(order, tell, AbortSignal.any([options.signal, left.signal]));
  response.end();
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/u.test(request.headers["content-type"] ?? "")) {
    throw new CodedError("E_USAGE", "the page sent something else than JSON", { hint: "reload the page" });
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    // An incoming message without an encoding yields buffers.
    const buffer = part as Buffer;
    bytes += buffer.length;
    if (bytes > MAX_BODY_BYTES)
      throw new CodedError("E_LIMIT_SIZE", "the page sent too much", { hint: "reload the page" });
    parts.push(buffer);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    throw new CodedError("E_USAGE", "the page sent JSON that is none", { hint: "reload the page", cause: error });
  }
}

async function fail(response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent) {
    response.end();
    return;
  }
  const { message, hint } = visible(await reportOf(error));
  const status = !isCodedError(error) ? 500 : error.code === "E_PLUGIN_UNKNOWN" ? 404 : 400;
  if (response.req.method === "POST") sendJson(response, status, { message, hint });
  else sendPage(response, status, problem("That did not work", message, hint));
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  const hint = "End the server with Ctrl-C in its terminal and start `plugin ui` again; each start prints a new link.";
  sendPage(response, 403, problem("No entry", REFUSALS[refusal], hint));
}

function problem(title: string, message: string, hint?: string): string {
  return renderProblem({ generation: 0, dryRun: false }, title, message, hint);
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  send(response, status, "text/html; charset=utf-8", html);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json; charset=utf-8", `${JSON.stringify(value)}\n`);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...HEADERS, ...headers, "content-type": type }).end(text);
}
