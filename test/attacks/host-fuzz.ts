import fc from "fast-check";
import { isCodedError } from "../../schemas/errors.ts";
import {
  canonicalSource,
  githubUrl,
  parseGitUrl,
  parseMarketplaceArgument,
  type GitUrl,
} from "../../schemas/identity.ts";
import { makeDecide } from "../../schemas/policy-decision.ts";
import { readPolicyDocument } from "../../schemas/policy.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import { GitContact, type Contact } from "../support/git-contact.ts";
import { sourceString } from "../support/source-strings.ts";

/** How much is tried. */
export interface FuzzSize {
  readonly strings: number;
  /** Repositories that real git is let ask for, the most different ones first. */
  readonly contacts: number;
  readonly seed: number;
  readonly workers: number;
  /** Told after each repository that git asked for: how many of all, and how many disagreements there are so far. */
  readonly onAsked?: (asked: number, all: number, disagreements: number) => void;
}

/** What came of it. Only accepted strings have a repository; several may name the same. */
export interface FuzzTotals {
  readonly strings: number;
  readonly refused: number;
  readonly accepted: number;
  readonly repositories: number;
  readonly contacted: number;
  readonly disagreements: readonly string[];
}

/** One line for people. */
export function totalsLine(totals: FuzzTotals, { seed }: Pick<FuzzSize, "seed">): string {
  const { strings, refused, accepted, repositories, contacted, disagreements } = totals;
  return `host parser against git: ${String(strings)} strings (seed ${String(seed)}), ${String(refused)} refused, ${String(accepted)} accepted as ${String(repositories)} repositories, ${String(contacted)} asked for by git, ${String(disagreements.length)} disagreements`;
}

/**
 * Writes sources down as an attacker may, and compares the host, port, login and path that policy judges with whom real git asks
 * when it gets what we pass it. A string that every door refuses needs no git.
 */
export async function fuzzHosts({ strings, contacts, seed, workers, onAsked }: FuzzSize): Promise<FuzzTotals> {
  const found = new Map<string, { readonly url: GitUrl; readonly text: string }>();
  const disagreements: string[] = [];
  let accepted = 0;
  for (const text of fc.sample(sourceString, { numRuns: strings, seed })) {
    const urls = DOORS.flatMap((door) => opened(door, text));
    if (urls.length > 0) accepted += 1;
    for (const url of urls) {
      const problem = unstable(url);
      if (problem !== undefined) disagreements.push(`${JSON.stringify(text)}: ${problem}`);
      if (!found.has(url.url)) found.set(url.url, { url, text });
    }
  }
  const queue = differentFirst([...found.values()]).slice(0, contacts);
  const contacted = queue.length;
  const gits = await Promise.all(Array.from({ length: workers }, () => GitContact.start()));
  try {
    await Promise.all(
      gits.map(async (git) => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const contact = await git.of(next.url);
          for (const problem of [differs(next.url, contact), misjudged(next.url, contact)])
            if (problem !== undefined) disagreements.push(`${JSON.stringify(next.text)}: ${problem}`);
          onAsked?.(contacted - queue.length, contacted, disagreements.length);
        }
      }),
    );
  } finally {
    // What thousands of repositories left is looked through at a stroke: no proxy answers meanwhile.
    for (const git of gits) await git.stop();
  }
  return { strings, refused: strings - accepted, accepted, repositories: found.size, contacted, disagreements };
}

/** The ways into the product: an address in a catalog or lock, a word typed after `marketplace add`, and what it falls back to. */
const DOORS: readonly ((text: string) => GitUrl | undefined)[] = [
  (text) => parseGitUrl(text),
  (text) => canonicalUrl(canonicalSource(parseMarketplaceArgument(text, () => undefined)).source),
];

function canonicalUrl(source: MarketplaceSource): GitUrl | undefined {
  if (source.kind === "github") return githubUrl(source.repo);
  return source.kind === "git" || source.kind === "url" ? parseGitUrl(source.url) : undefined;
}

function opened(door: (text: string) => GitUrl | undefined, text: string): readonly GitUrl[] {
  try {
    const url = door(text);
    return url === undefined ? [] : [url];
  } catch (error) {
    if (isCodedError(error)) return [];
    throw error;
  }
}

/** Whether policy, which sees the canonical source, could judge another address than the one git gets. */
function unstable(url: GitUrl): string | undefined {
  const [again] = opened(() => canonicalUrl(canonicalSource({ kind: "git", url: url.url }).source), url.url);
  const same = again?.url === url.url && again.identity === url.identity && again.host === url.host;
  return same ? undefined : `\`${url.url}\` is \`${again?.url ?? "refused"}\` when it is read again`;
}

/** Those first that have two special characters in a row as none before has; then those with a new form of host, or path. */
function differentFirst<T extends { readonly url: GitUrl }>(all: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  const isNew = (key: string): boolean => seen.size < seen.add(key).size;
  const ranked = all.map((item) => {
    const { transport, user, host, port, path, inHome } = item.url;
    const shape = (text = ""): string => text.replace(/\w+/gu, "a");
    const form = `${transport} ${String(inHome)}`;
    const decoded = path.replaceAll(/%(?:2[1-9A-F]|[357][B-F]|40|60)/gu, (code) => decodeURIComponent(code));
    // Each of them looked at, so that all are counted as seen.
    const newPair = [...decoded.matchAll(/[^\w./](?=([^\w./]))/gu)].filter(([one, next]) =>
      isNew(`${form} ${one}${next ?? ""}`),
    );
    const newAuthority = isNew(`${form} ${shape(user)} ${shape(host)} ${String(port !== undefined)}`);
    const newPath = isNew(`${form} ${[...new Set(shape(decoded))].sort().join("")}`);
    const newHost = isNew(`${form} ${host}`);
    return { item, rank: newPair.length > 0 ? 0 : newAuthority ? 1 : newPath ? 2 : newHost ? 3 : 4 };
  });
  return ranked.toSorted((left, right) => left.rank - right.rank).map(({ item }) => item);
}

const PORTS = { https: 443, http: 80, ssh: 22, git: 9418, file: undefined } as const;

function differs(url: GitUrl, contact: Contact): string | undefined {
  const path = url.transport === "file" ? url.path : decodeURIComponent(url.path);
  const asked = contact.path?.replace(/^\/(?!$)/u, "").replace(/\.git$/u, "");
  const expected = {
    // Plain git is refused before it starts; a path of this machine has no host.
    ...(url.transport !== "git" &&
      url.transport !== "file" && { host: url.host.replace(/^\[|\]$/gu, ""), port: url.port ?? PORTS[url.transport] }),
    ...(url.user !== undefined && { user: url.user }),
    ...((url.transport === "ssh" || url.transport === "http") && { path }),
  };
  const { message, ...seen } = contact;
  const found = { ...seen, ...(asked !== undefined && { path: asked }) };
  const same = (["host", "port", "user", "path"] as const).every((key) => (expected as Contact)[key] === found[key]);
  const isRefused = url.transport !== "git" || message.startsWith("E_GIT_URL");
  const isRead = url.transport !== "file" || message.includes(`'${url.path}'`);
  if (same && isRefused && isRead) return undefined;
  return `we read ${JSON.stringify(expected)} for \`${url.url}\`, git asked ${JSON.stringify(contact)}`;
}

/** Whether a rule about hosts says another thing about this source than about the host that was asked. */
function misjudged(url: GitUrl, { host }: Contact): string | undefined {
  if (host === undefined || (url.transport !== "https" && url.transport !== "ssh")) return undefined;
  const name = host.includes(":") ? `[${host}]` : host;
  const { source, identity } = canonicalSource({ kind: "git", url: url.url });
  const admits = (hostPattern: string): boolean => {
    const text = JSON.stringify({ strictKnownMarketplaces: [{ source: "hostPattern", hostPattern }] });
    const document = readPolicyDocument(text, { file: "policy.json" });
    return makeDecide([document])({ kind: "marketplace", name: undefined, source, identity }, "add").allowed;
  };
  const exact = name.replace(/[.[\]]/gu, "\\$&");
  if (admits(exact) && !admits(`x${exact}`)) return undefined;
  return `policy does not take \`${url.url}\` for a repository of \`${name}\``;
}
