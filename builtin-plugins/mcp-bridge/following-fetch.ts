const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What a request may show to another origin than its first. */
const SHOWN = ["accept", "content-type", "mcp-protocol-version"];

/** Sends one request, wherever it leads. */
export interface Following {
  /** Throws when an address may not be asked. */
  readonly check: (target: URL) => Promise<void>;
  /** Headers of requests to the origin of the first address. */
  readonly headers: Headers;
}

/** A `fetch` that follows redirects itself: every address is checked first, and no other origin sees the headers of the first (attacks.md PR11, PR12). */
export async function followingFetch(
  first: URL,
  init: RequestInit | undefined,
  { check, headers }: Following,
): Promise<Response> {
  let target = first;
  let request: RequestInit = { ...init, headers, redirect: "manual" };
  for (let count = 0; ; count += 1) {
    await check(target);
    const response = await fetch(target, request);
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    if (count >= MAX_REDIRECTS) throw new Error(`it redirects more than ${String(MAX_REDIRECTS)} times`);
    target = new URL(location, target);
    if (target.origin !== first.origin) request = { ...request, headers: withoutSecrets(headers) };
    const { method = "GET" } = request;
    const becomesGet = response.status === 303 ? method !== "HEAD" : response.status < 303 && method === "POST";
    if (becomesGet) {
      const { body: _body, ...rest } = request;
      request = { ...rest, method: "GET" };
    }
  }
}

function withoutSecrets(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => SHOWN.includes(name)));
}
