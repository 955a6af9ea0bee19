import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request does not come in. */
export type Refusal = "host" | "origin" | "session" | "token";

/**
 * Who may talk to the server: browsers that came through the link with its token, which works once, from pages of the server itself.
 * Every request must name the server by its own address, so that no name that points here later gets in.
 */
export class Door {
  readonly port: number;
  readonly #session: string = randomBytes(32).toString("base64url");
  /** What a page sends with everything that changes something. */
  readonly pageToken: string = randomBytes(32).toString("base64url");
  #token: string | undefined = randomBytes(32).toString("base64url");

  constructor(port: number) {
    this.port = port;
  }

  /** Address of the server without a path. */
  get origin(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** The link that lets one browser in, once. */
  get link(): string {
    return `${this.origin}/open?token=${this.#token ?? ""}`;
  }

  /** The header that makes a browser one that came in. */
  get cookie(): string {
    return `${this.#cookieName}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  // Cookies do not tell ports apart, names do.
  get #cookieName(): string {
    return `plugsmith-ui-${String(this.port)}`;
  }

  /** Takes the token of the link; it is spent then. */
  spend(token: string): boolean {
    if (this.#token === undefined || !isSame(token, this.#token)) return false;
    this.#token = undefined;
    return true;
  }

  /** Why this request may not read anything here; `undefined` when it may. */
  refusal(request: IncomingMessage): Refusal | undefined {
    return this.foreign(request) ?? (this.#isKnown(request) ? undefined : "session");
  }

  /** Why this request may not change anything here; `undefined` when it may. */
  refusalToChange(request: IncomingMessage): Refusal | undefined {
    const refusal = this.refusal(request);
    if (refusal !== undefined) return refusal;
    if (request.headers.origin !== this.origin) return "origin";
    const token = request.headers["x-plugsmith-token"];
    return typeof token === "string" && isSame(token, this.pageToken) ? undefined : "token";
  }

  /** Whether the request names this server by its own address. */
  isAddressed({ headers }: IncomingMessage): boolean {
    return `http://${headers.host ?? ""}` === this.origin;
  }

  /** Whether the request is addressed to somebody else, or sent by a page of somebody else. */
  foreign(request: IncomingMessage): Refusal | undefined {
    if (!this.isAddressed(request)) return "host";
    const { headers } = request;
    if (headers.origin !== undefined && headers.origin !== this.origin) return "origin";
    const site = headers["sec-fetch-site"];
    return site === undefined || site === "same-origin" || site === "none" ? undefined : "origin";
  }

  #isKnown({ headers }: IncomingMessage): boolean {
    const cookies = (headers.cookie ?? "").split(";").map((pair) => pair.trim());
    const mine = cookies.find((pair) => pair.startsWith(`${this.#cookieName}=`));
    return mine !== undefined && isSame(mine.slice(this.#cookieName.length + 1), this.#session);
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
