import { CodedError } from "./errors.ts";
import { escapeControl } from "./names.ts";

/** A git URL as git itself would understand it, parsed once; only `url` is ever handed to git. */
export interface GitUrl {
  readonly transport: "https" | "http" | "ssh" | "git" | "file";
  /** ASCII, lower case; `""` for `file`. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Set when the server resolves the path from the user's home, and so may mean another repository than an absolute one. */
  readonly inHome?: true | undefined;
  /** Absolute path for `file`; otherwise without leading slash, without `.git` and trailing slash. */
  readonly path: string;
  /** Canonical spelling, the string that policy judges and git receives. Keeps `.git` or adds it where the host needs it. */
  readonly url: string;
  /**
   * Transport-free name of the repository, e.g. `github.com/owner/repo`; equal for every spelling of one repository. A login
   * other than `git` precedes it (`user@host/path`) where servers answer each user with repositories of their own.
   */
  readonly identity: string;
}

const MAX_URL_LENGTH = 2_048;
const DEFAULT_PORTS = { https: 443, http: 80, ssh: 22, git: 9418 } as const;
/** Hosts whose repository paths are the same in any case. */
const CASELESS_HOSTS: readonly string[] = ["github.com", "gitlab.com", "bitbucket.org"];
const HOST = /^(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;

type Network = keyof typeof DEFAULT_PORTS;

/**
 * Parses a URL, an scp-like address or an absolute path as git reads it, and refuses what two programs could read
 * differently (attacks GT01–GT03, PB01–PB10). Throws `E_GIT_URL`.
 */
export function parseGitUrl(text: string): GitUrl {
  const refuse = (why: string, hint = "use `https://host/owner/repo.git` or `git@host:owner/repo.git`"): never => {
    throw new CodedError("E_GIT_URL", `git URL \`${redact(escapeControl(text.slice(0, 200)))}\` ${why}`, { hint });
  };
  if (text === "") refuse("is empty");
  if (text.length > MAX_URL_LENGTH) refuse(`has more than ${MAX_URL_LENGTH} characters`);
  // A path of this machine may hold blanks.
  const blank = text.startsWith("/") ? /[\u0000-\u001f\u007f-\u009f]/ : /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/;
  if (!text.isWellFormed() || blank.test(text)) refuse("holds white space or a control character");
  if (text.startsWith("-")) refuse("starts with `-`");
  if (text.includes("\\")) refuse("holds a backslash");
  if (/^[A-Za-z0-9+.-]*::/.test(text)) refuse("names a transport helper");
  const scheme = /^([A-Za-z0-9][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text);
  try {
    if (scheme !== null) return parseUrl(scheme[1] ?? "", scheme[2] ?? "");
    if (text.startsWith("/")) return fileUrl(text);
    return parseScp(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(error.message);
  }
}

/** The git URL of a repository on GitHub; `repo` is `owner/repo`. */
export function githubUrl(repo: string): GitUrl {
  return parseGitUrl(`https://github.com/${repo}.git`);
}

/** Whether a text is an `owner/repo` shorthand. */
export function isGithubRepo(text: string): boolean {
  return (
    /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\/(?!\.{1,2}$)[A-Za-z0-9._][A-Za-z0-9._-]*$/.test(text) &&
    text.length <= 140
  );
}

/** ASCII host after UTS-46 for a host as written; `undefined` when it is none. Brackets mark an IPv6 address. */
export function canonicalHost(text: string): string | undefined {
  if (text === "" || /[%@/?#:\\\s]/.test(text.startsWith("[") ? text.slice(1, -1).replaceAll(":", "") : text))
    return undefined;
  const url = URL.parse(`https://${text}/`);
  if (url === null) return undefined;
  const host = url.hostname;
  return HOST.test(host) || (host.startsWith("[") && text.startsWith("[")) ? host : undefined;
}

class Refusal extends Error {}

function parseUrl(rawScheme: string, rest: string): GitUrl {
  const scheme = rawScheme.toLowerCase();
  if (scheme === "file") {
    if (!rest.startsWith("/")) throw new Refusal("names a host, but a `file:` URL has none");
    return fileUrl(rest.split("%25").map(decodePath).join("%"));
  }
  if (scheme !== "https" && scheme !== "http" && scheme !== "ssh" && scheme !== "git") {
    throw new Refusal(`has the transport \`${scheme}\`, which is not supported`);
  }
  const slash = rest.indexOf("/");
  if (slash < 0) throw new Refusal("names no repository");
  const authority = rest.slice(0, slash);
  if (authority.includes("%")) throw new Refusal("has an encoded character in its host");
  const at = authority.lastIndexOf("@");
  const user = at < 0 ? undefined : authority.slice(0, at);
  if (user !== undefined && scheme !== "ssh")
    throw new Refusal("has a user name or password in it; git's credential helpers hold those");
  const [host, port] = splitPort(authority.slice(at + 1));
  const path = cleanPath(rest.slice(slash + 1));
  return network(scheme, { user, host, port, path, relative: false });
}

/** `[user@]host:path`, brackets and all, split where git's `connect.c` splits it. */
function parseScp(text: string): GitUrl {
  const bracket = text.includes("@[") ? text.indexOf("@[") + 1 : 0;
  const close = text[bracket] === "[" ? text.indexOf("]", bracket) : -1;
  const colon = text.indexOf(":", close < 0 ? 0 : close);
  const slash = text.indexOf("/");
  if (colon < 0 || (slash >= 0 && slash < colon && close < 0))
    throw new Refusal("is neither a URL nor `user@host:path`");
  if (close >= 0 && colon !== close + 1) throw new Refusal("has text between `]` and `:`");
  const path = text.slice(colon + 1);
  if (!/^[\w!$&'()*+,./=@~-][\w!$&'()*+,./:=@~-]*$/.test(path))
    throw new Refusal("has a character in its path that programs read differently");
  // Git takes what follows for `/~user` and drops the first character, whichever it is.
  if (path[1] === "~" && path[0] !== "/") throw new Refusal("has `~` after the first character of its path");
  const unwrapped = close < 0 ? text.slice(0, colon) : text.slice(0, bracket) + text.slice(bracket + 1, close);
  const at = unwrapped.lastIndexOf("@");
  const user = at < 0 ? undefined : unwrapped.slice(0, at);
  let host = unwrapped.slice(at + 1);
  let port: number | undefined;
  if (close < 0 && /^[A-Za-z]$/.test(unwrapped)) throw new Refusal("looks like a path on Windows");
  if (close >= 0 && host.split(":").length > 2) host = `[${host}]`;
  else [host, port] = splitPort(host);
  return network("ssh", {
    user,
    host,
    port,
    path: cleanPath(path.replace(/^\//, "")),
    relative: !path.startsWith("/"),
  });
}

interface NetworkParts {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly path: string;
  /** scp-like: the server resolves the path from the user's home. */
  readonly relative: boolean;
}

function network(transport: Network, parts: NetworkParts): GitUrl {
  const { user } = parts;
  if (user !== undefined && !USER.test(user)) throw new Refusal("has a user name with characters that are not allowed");
  if (parts.host.startsWith("-")) throw new Refusal("has a host that starts with `-`");
  const host = canonicalHost(parts.host)?.replace(/^www\.github\.com$/, "github.com");
  if (host === undefined) throw new Refusal("has a host that is not a valid name");
  const port = parts.port === DEFAULT_PORTS[transport] ? undefined : parts.port;
  const path = parts.path.replace(/\.git$/, "");
  if (path === "" || path.endsWith("/")) throw new Refusal("names no repository");
  const login = user === undefined ? "" : `${user}@`;
  const at = port === undefined ? host : `${host}:${port}`;
  const scpHost = port === undefined ? `${login}${host}` : `[${login}${at}]`;
  const known = knownHost(host, port);
  const written = CASELESS_HOSTS.includes(known) ? `${path}.git` : parts.path;
  if (parts.relative && /^[a-z]$/.test(scpHost)) throw new Refusal("looks like a path on Windows");
  if (parts.relative && scpHost === "rsync") throw new Refusal("has the transport `rsync`, which is not supported");
  const url = parts.relative ? `${scpHost}:${written}` : `${transport}://${login}${at}/${written}`;
  if (CASELESS_HOSTS.includes(known))
    return { transport, host, port, user, path, url, identity: `${known}/${path.toLowerCase()}` };
  const owner = user === undefined || user === "git" ? "" : `${user}@`;
  return {
    transport,
    host,
    port,
    user,
    ...(parts.relative && { inHome: true }),
    path,
    url,
    identity: `${owner}${known}/${path}`,
  };
}

/** The name of a host in identities: aliases of the large hosts are folded, any other port stays. */
function knownHost(host: string, port: number | undefined): string {
  if (host === "ssh.github.com" && (port === 443 || port === undefined)) return "github.com";
  if (host === "altssh.gitlab.com" && port === 443) return "gitlab.com";
  return port === undefined ? host : `${host}:${port}`;
}

function fileUrl(path: string): GitUrl {
  const clean = path.replace(/\/+$/, "");
  if (clean === "") throw new Refusal("names the root directory");
  // What follows the next `]` would be the path.
  if (clean.includes("@[")) throw new Refusal("has `@[` in its path");
  for (const part of clean.slice(1).split("/")) {
    if (part === "" || part === "." || part === "..") throw new Refusal("has an empty, `.` or `..` part in its path");
  }
  const url = `file://${clean.split("/").map(encodeSegment).join("/")}`;
  return { transport: "file", host: "", path: clean, url, identity: url };
}

function splitPort(text: string): [host: string, port: number | undefined] {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text);
  if (match === null) throw new Refusal("has a malformed host or port");
  const digits = match[2] ?? "";
  if (digits === "") return [match[1] ?? "", undefined];
  const port = Number(digits);
  if (!(port > 0 && port < 65_536)) throw new Refusal("has a port outside 1 to 65535");
  return [match[1] ?? "", port];
}

/** A repository path with one spelling; refuses what a server or proxy could resolve to another path. */
function cleanPath(raw: string): string {
  const trimmed = raw.replace(/\/$/, "");
  if (/[?#]/.test(trimmed)) throw new Refusal("has a query or fragment");
  const parts = trimmed.split("/").map((part) => {
    const decoded = decodePath(part);
    if (decoded === "" || decoded === "." || decoded === "..")
      throw new Refusal("has an empty, `.` or `..` part in its path");
    if (decoded.startsWith("-")) throw new Refusal("has a part that starts with `-` in its path");
    // Git decodes first and then looks for `@[`, also behind the host: `ssh://a/x@%5Bb%5D/y` asks `b`.
    if (/[[\]]/.test(decoded)) throw new Refusal("has a bracket in its path");
    return decoded;
  });
  return parts.map(encodeSegment).join("/");
}

function decodePath(text: string): string {
  if (!text.includes("%")) return text;
  if (/%(?![0-9a-fA-F]{2})|%(?:2[ef5]|5c|[01][0-9a-f]|7f)/i.test(text)) {
    throw new Refusal("has an encoded separator, dot, percent sign or control character in its path");
  }
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal("has an encoded character that is not UTF-8");
  }
}

/** Percent-encoding of everything but the characters that every program leaves alone in a path. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/%(?:40|3A|2B|2C|3D|24|26)/g, (code) => decodeURIComponent(code));
}

/** Hides the user-info of a URL, which may hold a token. */
function redact(text: string): string {
  return text.replace(/(https?:\/\/)[^/]*@/i, "$1***@").replace(/(:\/\/[^/:]*:)[^/]*@/, "$1***@");
}
