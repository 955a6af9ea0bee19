import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lineages } from "../../marketplace/sources/lineage.ts";
import { Repositories } from "../../marketplace/sources/repositories.ts";
import { SourceMemory } from "../../marketplace/sources/source-memory.ts";
import { SourceRewrites } from "../../marketplace/sources/source-rewrites.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { refuseCanaries } from "./canary.ts";
import type { GitUrl } from "../../schemas/identity.ts";

/** Where git went: `host` without brackets, `path` as the server would see it; neither when nothing left the machine. */
export interface Contact {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Hidden by TLS for https. */
  readonly path?: string | undefined;
  /** What went wrong in the end, as git said it. */
  readonly message: string;
}

/** Written into every setting by which a person's git could be led elsewhere. */
const TRAP_HOST = "trap.invalid";

const SSH = `#!/bin/sh
printf '%s\\0' "$@" '' >>"$RECORD"
exit 255
`;

/** Leads git astray wherever its configuration is read. */
const TRAPS = `[url "https://${TRAP_HOST}/"]
	insteadOf = https://
	insteadOf = http://
	insteadOf = ssh://
	insteadOf = git@
	pushInsteadOf = https://
[core]
	sshCommand = ssh ${TRAP_HOST}
	gitProxy = ssh
[remote "origin"]
	url = https://${TRAP_HOST}/
`;

/**
 * Lets real git, started as the product starts it, ask for a repository, and tells whom it asked: an `ssh` on PATH and a proxy
 * write that down and refuse. Asks for one repository at a time.
 */
export class GitContact {
  readonly #directory: string;
  readonly #proxy: Server;
  readonly #asked: Contact[] = [];
  readonly #record: string;
  #repositories: Repositories | undefined;

  private constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), "plugsmith-contact-"));
    this.#record = join(this.#directory, "ssh-arguments");
    mkdirSync(join(this.#directory, "bin"));
    writeFileSync(join(this.#directory, "bin", "ssh"), SSH, { mode: 0o755 });
    writeFileSync(join(this.#directory, ".gitconfig"), TRAPS);
    this.#proxy = createServer((request, response) => {
      const asked = /^http:\/\/([^/]*)(\/.*)\/info\/refs\?service=git-upload-pack$/u.exec(request.url ?? "");
      this.#asked.push({
        ...authorityOf(asked?.[1] ?? "", 80),
        path: decodeURIComponent(asked?.[2] ?? ""),
        message: "",
      });
      response.writeHead(404, { connection: "close" }).end();
    });
    this.#proxy.on("connect", ({ url = "" }, socket) => {
      this.#asked.push({ ...authorityOf(url, 443), message: "" });
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
  }

  static async start(): Promise<GitContact> {
    const contact = new GitContact();
    await new Promise<void>((resolve) => contact.#proxy.listen(0, "127.0.0.1", resolve));
    return contact;
  }

  /** Whom git asks for this repository. Throws when it asked more than one, or the trap. */
  async of(url: GitUrl): Promise<Contact> {
    this.#asked.length = 0;
    writeFileSync(this.#record, "");
    const message = await this.#fetch(url);
    const asked = [...this.#asked, ...sshContacts(readFileSync(this.#record, "utf8"))];
    const [first, second] = asked;
    if (second !== undefined || first?.host === TRAP_HOST) throw new Error(`git asked ${JSON.stringify(asked)}`);
    return { ...first, message };
  }

  async stop(): Promise<void> {
    this.#repositories?.close();
    this.#proxy.closeAllConnections();
    await new Promise<void>((resolve) => this.#proxy.close(() => resolve()));
    try {
      refuseCanaries(this.#directory);
    } finally {
      rmSync(this.#directory, { recursive: true, force: true });
    }
  }

  async #fetch(url: GitUrl): Promise<string> {
    this.#repositories ??= this.#open();
    try {
      await this.#repositories.remote(url).fetchRefs({ refs: ["HEAD"], tagsOf: [], small: false });
    } catch (error) {
      if (isCodedError(error)) return `${error.code} ${error.message}`;
      throw error;
    }
    throw new Error(`${url.url} was fetched, though nobody serves it`);
  }

  #open(): Repositories {
    // A TCP server that listens has an address object.
    const { port } = this.#proxy.address() as AddressInfo;
    const proxy = `http://127.0.0.1:${String(port)}`;
    const environment = {
      PATH: `${join(this.#directory, "bin")}:${process.env["PATH"] ?? ""}`,
      HOME: this.#directory,
      RECORD: this.#record,
      https_proxy: proxy,
      http_proxy: proxy,
      GIT_SSH_COMMAND: `ssh ${TRAP_HOST}`,
      GIT_PROXY_COMMAND: "ssh",
      GIT_CONFIG_PARAMETERS: `'url.https://${TRAP_HOST}/.insteadOf=https://'`,
    };
    const options = {
      directory: join(this.#directory, "git"),
      environment,
      signal: new AbortController().signal,
      allowPlainHttp: () => true,
    };
    const memory = new SourceMemory({
      directory: join(this.#directory, "sources"),
      keeps: false,
      now: () => new Date(),
    });
    const audit = { append: () => undefined, heads: () => [] };
    const ask = () => Promise.resolve({ accepted: true } as const);
    return new Repositories(options, new SourceRewrites([]), new Lineages({ memory, audit, ask }));
  }
}

function authorityOf(text: string, usual: number): Pick<Contact, "host" | "port"> {
  const [, address, name, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/u.exec(text) ?? [];
  return { host: address ?? name ?? text, port: port === undefined ? usual : Number(port) };
}

/** The destinations of `ssh -o … [-p port] [user@]host "git-upload-pack 'path'"`. */
function sshContacts(record: string): readonly Contact[] {
  return record
    .split("\0\0")
    .filter((call) => call !== "")
    .map((call) => {
      const words = call.split("\0");
      let port = 22;
      let at = 0;
      for (; words[at]?.startsWith("-") === true; at += 2) if (words[at] === "-p") port = Number(words[at + 1]);
      const [destination = "", command = "", ...rest] = words.slice(at);
      const quoted = /^git-upload-pack (.*)$/su.exec(command)?.[1];
      if (quoted === undefined || rest.length > 0) throw new Error(`ssh was started with ${JSON.stringify(words)}`);
      // As OpenSSH reads it.
      const end = destination.lastIndexOf("@");
      return {
        ...(end < 0 ? {} : { user: destination.slice(0, end) }),
        host: destination.slice(end + 1),
        port,
        path: quoted.replace(/'((?:[^'])*)'|\\(.)/gsu, (_, plain?: string, escaped?: string) => plain ?? escaped ?? ""),
        message: "",
      };
    });
}
