import type { HookHandler, Settings } from "plugsmith/plugin-api";
import type { HandlerResult } from "../hook-output.ts";
import type { HookRun, Surroundings } from "./surroundings.ts";

type HttpHandler = Extract<HookHandler, { readonly type: "http" }>;

const MAX_ANSWER_BYTES = 1_000_000;

/** Posts the hook's JSON. An answer outside 2xx, and one that redirects, gives no decision. */
export async function postHook(
  handler: HttpHandler,
  run: HookRun,
  { settings, workspace }: Surroundings,
): Promise<HandlerResult> {
  const names = allowedNames(handler, settings);
  const fill = (text: string): string =>
    text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/gu, (whole, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare ?? "";
      return names.has(name) ? (workspace.environment[name] ?? "") : whole;
    });
  const url = fill(handler.url);
  const refusal = addressRefusal(url, settings);
  if (refusal !== undefined) return { kind: "failed", message: refusal };
  const headers = Object.entries(handler.headers ?? {}).map(([name, value]): [string, string] => [name, fill(value)]);
  const deadline = AbortSignal.timeout(run.timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...Object.fromEntries(headers) },
      body: run.json,
      redirect: "error",
      signal: AbortSignal.any([run.signal, deadline]),
    });
    const text = await limitedText(response);
    if (response.ok) return { kind: "answer", text };
    return { kind: "failed", message: `\`${url}\` answered ${String(response.status)}` };
  } catch (error) {
    run.signal.throwIfAborted();
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    const why = cause instanceof Error ? cause.message : message;
    return { kind: "failed", isLate: deadline.aborted, message: `\`${url}\` could not be asked: ${why}` };
  }
}

/** A variable is filled in only where the hook names it and the settings, if they say, admit it. */
function allowedNames({ allowedEnvVars = [] }: HttpHandler, settings: Settings): ReadonlySet<string> {
  const limits = settings.layers("httpHookAllowedEnvVars").map(({ value }) => texts(value));
  return new Set(allowedEnvVars.filter((name) => limits.every((limit) => limit.includes(name))));
}

function addressRefusal(url: string, settings: Settings): string | undefined {
  if (!URL.canParse(url) || !/^https?:$/u.test(new URL(url).protocol)) return `\`${url}\` is no http(s) address`;
  const limits = settings.layers("allowedHttpHookUrls");
  const limit = limits.find(({ value }) => !texts(value).some((pattern) => admits(pattern, url)));
  return limit === undefined ? undefined : `\`allowedHttpHookUrls\` of ${limit.file} does not admit \`${url}\``;
}

/** `*` in a pattern stands for any text. */
function admits(pattern: string, url: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return url === pattern;
  if (!url.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? "";
  for (const part of rest) {
    const found = url.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return url.length - last.length >= at && url.endsWith(last);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`its answer is longer than ${String(MAX_ANSWER_BYTES)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
