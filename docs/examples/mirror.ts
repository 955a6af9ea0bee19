import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Where a mirror gets things from. Each is served below its key, e.g. `/git/team.git` and `/npm/left-pad`. */
export interface MirrorOptions {
  /** Base address of repositories, ending with a slash. */
  readonly git?: string | undefined;
  /** Base address of an npm registry, ending with a slash. */
  readonly npm?: string | undefined;
  /** Base address of plain files, such as catalogs, ending with a slash. */
  readonly files?: string | undefined;
  /** Where mirrored repositories are kept. */
  readonly directory: string;
  /** How long an answer is given again before upstream is asked whether there is a newer one. Default 60,000. */
  readonly freshMs?: number | undefined;
}

/** What a mirror did since it started. */
export interface MirrorCounts {
  requests: number;
  sentBytes: number;
  /** Requests answered with 304. */
  notModified: number;
  /** Requests answered from memory, those with 304 included. */
  fromMemory: number;
  /** Programs of git that were started to answer clients. */
  gitAnswers: number;
  /** Clones and fetches of upstream repositories. */
  upstreamFetches: number;
  /** Requests to upstream's registry and files. */
  upstreamRequests: number;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

interface Kept {
  readonly answer: Answer;
  readonly upstreamEtag: string | undefined;
  readonly at: number;
}

const PULL = "git-upload-pack";
/** Answers of git are kept in memory up to this sum. */
const MEMORY_BYTES = 256_000_000;

/**
 * A read-only mirror of git repositories, an npm registry and files. A repository is fetched from upstream once and then kept up to
 * date; equal questions of clients, which is what a fleet asks that syncs one lock, are answered from memory without starting git.
 */
export class Mirror {
  readonly counts: MirrorCounts = {
    requests: 0,
    sentBytes: 0,
    notModified: 0,
    fromMemory: 0,
    gitAnswers: 0,
    upstreamFetches: 0,
    upstreamRequests: 0,
  };
  readonly #options: MirrorOptions;
  readonly #freshMs: number;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  /** By repository: the fetch that runs or ran last, and when. */
  readonly #fetches = new Map<string, { readonly done: Promise<string>; readonly at: number }>();
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #kept = new Map<string, Promise<Kept>>();
  #memoryBytes = 0;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#freshMs = options.freshMs ?? 60_000;
    mkdirSync(options.directory, { recursive: true });
  }

  /** Starts on a port, 0 for a free one; returns the mirror's address, ending with a slash. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    // A server that listens on a port has an address with one.
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counts.requests += 1;
    try {
      const answer = await this.#answer(request);
      if (request.headers["if-none-match"] === answer.etag) {
        this.counts.notModified += 1;
        response.writeHead(304, { etag: answer.etag }).end();
        return;
      }
      const { status, type, body, etag } = answer;
      this.counts.sentBytes += body.length;
      response.writeHead(status, { "content-type": type, "content-length": body.length, etag }).end(body);
    } catch (error) {
      response.writeHead(502, { "content-type": "text/plain" });
      response.end(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = request.url ?? "/";
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    if (url === "/counts") return answerOf(200, "application/json", Buffer.from(JSON.stringify(this.counts)));
    const [, repository, ask] =
      /^\/git\/((?:[\w.-]+\/)*[\w.-]+)\/(info\/refs\?service=git-upload-pack|git-upload-pack)$/.exec(url) ?? [];
    if (repository !== undefined && !repository.split("/").includes(".."))
      return await this.#gitAnswer(request, repository, ask === PULL ? unpacked(request, body) : undefined);
    const [, key, path = ""] = /^\/(npm|files)\/(.*)$/.exec(url) ?? [];
    const upstream = key === "npm" ? this.#options.npm : key === "files" ? this.#options.files : undefined;
    if (upstream === undefined || request.method !== "GET")
      return answerOf(404, "text/plain", Buffer.from("not mirrored\n"));
    return await this.#httpAnswer(new URL(path, upstream), upstream, request);
  }

  /** `question` is the body of a request for refs or a pack; without it the server's abilities are asked for. */
  async #gitAnswer(request: IncomingMessage, repository: string, question: Buffer | undefined): Promise<Answer> {
    const state = await this.#mirrored(repository, question === undefined);
    const protocol = String(request.headers["git-protocol"] ?? "");
    const key = [repository, state, protocol, question === undefined ? "" : digest(question)].join(" ");
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.counts.fromMemory += 1;
      return await known;
    }
    const answer = this.#askGit(repository, protocol, question);
    if (this.#memoryBytes < MEMORY_BYTES) this.#answers.set(key, answer);
    answer.then(
      ({ body }) => (this.#memoryBytes += body.length),
      () => this.#answers.delete(key),
    );
    return await answer;
  }

  async #askGit(repository: string, protocol: string, question: Buffer | undefined): Promise<Answer> {
    this.counts.gitAnswers += 1;
    const offers = ["-c", "uploadpack.allowFilter=true", "-c", "uploadpack.allowAnySHA1InWant=true"];
    const kind = question === undefined ? ["--http-backend-info-refs"] : [];
    const argv = [...offers, "upload-pack", "--stateless-rpc", ...kind, this.#directory(repository)];
    const said = await git(argv, { GIT_PROTOCOL: protocol }, question);
    if (question !== undefined) return answerOf(200, `application/x-${PULL}-result`, said);
    const title = protocol.includes("version=2") ? "" : `001e# service=${PULL}\n0000`;
    return answerOf(200, `application/x-${PULL}-advertisement`, Buffer.concat([Buffer.from(title), said]));
  }

  /** Brings a repository here, or up to date when the last look is too long ago; returns what tells its states apart. */
  async #mirrored(repository: string, mayFetch: boolean): Promise<string> {
    const last = this.#fetches.get(repository);
    if (last !== undefined && (!mayFetch || Date.now() - last.at < this.#freshMs)) return await last.done;
    const done = this.#fetch(repository).catch(async (error: unknown) => {
      // Upstream is away: what is here is served on.
      if (last === undefined) throw error;
      return await last.done;
    });
    this.#fetches.set(repository, { done, at: Date.now() });
    done.catch(() => this.#fetches.delete(repository));
    return await done;
  }

  async #fetch(repository: string): Promise<string> {
    if (this.#options.git === undefined) throw new Error("no upstream for repositories");
    const directory = this.#directory(repository);
    this.counts.upstreamFetches += 1;
    if (existsSync(directory)) await git(["-C", directory, "fetch", "--quiet", "--prune", "origin"]);
    else await git(["clone", "--quiet", "--mirror", `${this.#options.git}${repository}`, directory]);
    return digest(await git(["-C", directory, "for-each-ref"]));
  }

  #directory(repository: string): string {
    return join(this.#options.directory, repository.replace(/(?:\.git)?$/u, ".git"));
  }

  async #httpAnswer(url: URL, upstream: string, request: IncomingMessage): Promise<Answer> {
    const accept = String(request.headers.accept ?? "*/*");
    const key = `${url.href} ${accept}`;
    const before = this.#kept.get(key);
    const kept = await before;
    if (kept !== undefined && Date.now() - kept.at < this.#freshMs) {
      this.counts.fromMemory += 1;
      return kept.answer;
    }
    // Whoever comes first asks; all others wait for that answer.
    if (this.#kept.get(key) !== before) return await this.#httpAnswer(url, upstream, request);
    const own = `http://${request.headers.host ?? ""}/npm/`;
    const asked = this.#askUpstream(url, accept, kept, (text) => text.replaceAll(upstream, own));
    this.#kept.set(key, asked);
    asked.catch(() => this.#kept.delete(key));
    return (await asked).answer;
  }

  async #askUpstream(
    url: URL,
    accept: string,
    kept: Kept | undefined,
    rewrite: (text: string) => string,
  ): Promise<Kept> {
    this.counts.upstreamRequests += 1;
    const condition = kept?.upstreamEtag === undefined ? {} : { "if-none-match": kept.upstreamEtag };
    const response = await fetch(url, { headers: { accept, ...condition }, redirect: "error" });
    if (response.status === 304 && kept !== undefined) return { ...kept, at: Date.now() };
    if (response.status >= 500) throw new Error(`upstream answered ${String(response.status)}`);
    const type = response.headers.get("content-type") ?? "application/octet-stream";
    const received = Buffer.from(await response.arrayBuffer());
    // Addresses of packages in documents of the registry become the mirror's own.
    const body = type.includes("json") ? Buffer.from(rewrite(received.toString())) : received;
    const upstreamEtag = response.headers.get("etag") ?? undefined;
    return { answer: answerOf(response.status, type, body), upstreamEtag, at: Date.now() };
  }
}

function answerOf(status: number, type: string, body: Buffer): Answer {
  return { status, type, body, etag: `"${digest(body)}"` };
}

const digest = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

function unpacked(request: IncomingMessage, chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body, { maxOutputLength: 16_000_000 }) : body;
}

async function git(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input?: Buffer): Promise<Buffer> {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], GIT_TERMINAL_PROMPT: "0", ...extra };
  const child = spawn("git", args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const output: Buffer[] = [];
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-2000)));
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdin.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("close", resolve);
  const code = await promise;
  if (code === 0) return Buffer.concat(output);
  throw new Error(`\`git ${args.join(" ")}\` ended with ${String(code)}: ${errors}`);
}
