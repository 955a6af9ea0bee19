import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCodedError } from "../../schemas/errors.ts";
import { checkCommit, checkRefName } from "../../schemas/git-ref.ts";
import { githubUrl, parseGitUrl } from "../../schemas/git-url.ts";

const GITHUB = "github.com/acme/market";
const ALLOWED = "allowed.example/acme/market";
const accepted: readonly (readonly [text: string, identity: string, url: string])[] = [
  ["https://github.com/acme/market", GITHUB, "https://github.com/acme/market.git"],
  ["https://github.com/Acme/Market.git/", GITHUB, "https://github.com/Acme/Market.git"],
  ["https://www.github.com/acme/market", GITHUB, "https://github.com/acme/market.git"],
  ["git@github.com:acme/market", GITHUB, "git@github.com:acme/market.git"],
  ["ssh://git@github.com:22/acme/market.git", GITHUB, "ssh://git@github.com/acme/market.git"],
  ["ssh://git@ssh.github.com:443/acme/market", GITHUB, "ssh://git@ssh.github.com:443/acme/market.git"],
  // PB04
  ["HTTPS://Allowed.Example:443/acme/market.git/", ALLOWED, "https://allowed.example/acme/market.git"],
  ["https://allowed.example/acme/market", ALLOWED, "https://allowed.example/acme/market"],
  // PB06: the same repository by another transport; policy decides
  ["ssh://git@allowed.example/acme/market", ALLOWED, "ssh://git@allowed.example/acme/market"],
  ["git@allowed.example:acme/market", ALLOWED, "git@allowed.example:acme/market"],
  ["http://allowed.example/acme/market", ALLOWED, "http://allowed.example/acme/market"],
  ["git://allowed.example/acme/market", ALLOWED, "git://allowed.example/acme/market"],
  // PB03: the host is the one that git connects to
  [
    "git@evil.example:allowed.example/acme/market",
    "evil.example/allowed.example/acme/market",
    "git@evil.example:allowed.example/acme/market",
  ],
  ["evil.example:git@allowed.example/x", "evil.example/git@allowed.example/x", "evil.example:git@allowed.example/x"],
  ["[git@evil.example]:acme/market", "evil.example/acme/market", "git@evil.example:acme/market"],
  [
    "git@[evil.example]:allowed.example:acme/market",
    "evil.example/allowed.example:acme/market",
    "git@evil.example:allowed.example:acme/market",
  ],
  ["[git@h.example:2222]:x/y.git", "h.example:2222/x/y", "[git@h.example:2222]:x/y.git"],
  ["git@[::1]:x/y", "[::1]/x/y", "git@[::1]:x/y"],
  ["https://[::1]:8080/x/y", "[::1]:8080/x/y", "https://[::1]:8080/x/y"],
  // PB05: the path's case counts on hosts that are not known to ignore it
  ["https://allowed.example/Acme/Market", "allowed.example/Acme/Market", "https://allowed.example/Acme/Market"],
  // PB07
  [
    "https://allowed.example:8443/acme/market",
    `allowed.example:8443/acme/market`,
    "https://allowed.example:8443/acme/market",
  ],
  ["https://sub.allowed.example/acme/market", `sub.${ALLOWED}`, "https://sub.allowed.example/acme/market"],
  // PB08: compared after UTS-46
  [
    "https://\u0430llowed.example/acme/market",
    "xn--llowed-2nf.example/acme/market",
    "https://xn--llowed-2nf.example/acme/market",
  ],
  ["https://allowed\uFF0Eexample/acme/market", ALLOWED, "https://allowed.example/acme/market"],
  ["https://\u24D0llowed.example/acme/market", ALLOWED, "https://allowed.example/acme/market"],
  ["git@al\u00ADlowed.example:acme/market", ALLOWED, "git@allowed.example:acme/market"],
  ["file:///srv/git/m.git/", "file:///srv/git/m.git", "file:///srv/git/m.git"],
  ["/srv/a b", "file:///srv/a%20b", "file:///srv/a%20b"],
  [
    "https://dev.example/o/My%20Project/_git/r",
    "dev.example/o/My%20Project/_git/r",
    "https://dev.example/o/My%20Project/_git/r",
  ],
];

const refused: readonly (readonly [row: string, text: string])[] = [
  ["GT01", 'ext::sh -c "touch pwned"'],
  ["GT01", "ext::sh"],
  ["GT01", "EXT::sh"],
  ["GT01", "fd::3"],
  ["GT01", "foo::bar"],
  ["GT01", "http::http://h.example/x"],
  ["GT01", "ftp://h.example/x"],
  ["GT01", "git+ssh://h.example/x"],
  ["GT02", "--upload-pack=touch pwned"],
  ["GT02", "--upload-pack=touch"],
  ["GT02", "-oProxyCommand=x:o/r"],
  ["GT02", "-c core.fsmonitor=x"],
  ["GT03", "ssh://-oProxyCommand=x/repo"],
  ["GT03", "git@-oProxyCommand=x:o/r"],
  ["GT03", "ssh://-l@h.example/repo"],
  ["GT03", "h.example:-x/repo"],
  ["GT03", "https://h.example/-x/repo"],
  ["PB01", "https://allowed.example@evil.example/acme/market"],
  ["GT21", "https://user:token@allowed.example/acme/market"],
  ["GT21", "ssh://user:token@allowed.example/acme/market"],
  ["PB02", "https://evil.example\\@allowed.example/acme/market"],
  ["PB02", "https://allowed.example\\@evil.example/acme/market"],
  ["PB03", "git@allowed.example@evil.example:acme/market"],
  ["PB03", "git@[evil.example]x:acme/market"],
  ["PB03", "git@allowed.example:x~acme/market"],
  ["PB03", "[h]:acme/market"],
  ["PB03", "ssh://allowed.example/x@[evil.example]/y"],
  ["PB03", "ssh://git@allowed.example/x@%5Bevil.example:22%5D/y"],
  ["PB03", "https://allowed.example/x@%5Bevil.example%5D/y"],
  ["PB03", "file:///srv/x@%5Bh%5D:/etc/y"],
  ["PB03", "/srv/x@[h]:/etc/y"],
  ["PB03", "rsync:acme/market"],
  ["PB04", "https://allowed.example/acme//market"],
  ["PB04", "https://allowed.example/acme/./market"],
  ["PB07", "https://allowed.example./acme/market"],
  ["PB07", "https://allowed.example%2eevil.example/acme/market"],
  ["PB07", "https://allowed.example:99999/acme/market"],
  ["PB07", "https://allowed.example:80x/acme/market"],
  ["PB09", "https://allowed.example/acme/market/../../evil/market"],
  ["PB09", "https://allowed.example/acme/%2e%2e/evil"],
  ["PB09", "https://allowed.example/acme%2fmarket"],
  ["PB09", "https://allowed.example/acme%252fmarket"],
  ["PB09", "https://allowed.example/acme%5Cmarket"],
  ["PB09", "git@allowed.example:../evil/market"],
  ["PB10", "https://allowed.example/acme/market?x="],
  ["PB10", "https://allowed.example/acme/market#fragment"],
  ["PB10", "https://allowed.example/acme/mar\tket"],
  ["PB10", "https://allowed.example/acme/market\n"],
  ["PB10", "https://allowed.example/acme/mar\u0000ket"],
  ["PB10", "https://allowed.example/acme/mar ket"],
  ["form", ""],
  ["form", "owner/repo"],
  ["form", "./local"],
  ["form", "C:/x/y"],
  ["form", "C:\\x"],
  ["form", "https://allowed.example"],
  ["form", "https://allowed.example/"],
  ["form", "https://allowed.example/.git"],
  ["form", "https:///x/y"],
  ["form", "file://host/x"],
  ["form", "file:///"],
  ["form", "file:///a/../b"],
  ["form", `https://h.example/${"a".repeat(2_100)}`],
  ["form", "https://h.example/%zz"],
  ["form", "https://h.example/%ff"],
  ["form", "git@h.example:a%20b"],
];

describe("parseGitUrl", () => {
  it.each(accepted)("reads %j as the repository %s", (text, identity, url) => {
    const parsed = parseGitUrl(text);
    expect({ identity: parsed.identity, url: parsed.url }).toEqual({ identity, url });
    expect(parseGitUrl(parsed.url)).toEqual(parsed);
  });

  it.each(refused)("refuses (%s) %j", (_row, text) => {
    expect(codeOf(() => parseGitUrl(text))).toBe("E_GIT_URL");
  });

  it("never repeats a password in its message", () => {
    expect(messageOf(() => parseGitUrl("https://user:s3cret@h.example/a"))).not.toContain("s3cret");
    expect(messageOf(() => parseGitUrl("https://s3cret@h.example/a"))).not.toContain("s3cret");
    expect(messageOf(() => parseGitUrl("ssh://user:s3cret@h.example/a"))).not.toContain("s3cret");
  });

  it("is idempotent, or refuses, whatever the text", () => {
    const piece = fc.constantFrom(
      "git",
      "@",
      ":",
      "/",
      "[",
      "]",
      ".git",
      "a",
      "H.Example",
      "%20",
      "%41",
      "é",
      "~",
      "-",
      "..",
      "22",
      "//",
      "https://",
      "ssh://",
      "file://",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        if (codeOf(() => parseGitUrl(text)) !== undefined) return;
        const once = parseGitUrl(text);
        expect(parseGitUrl(once.url)).toEqual(once);
      }),
      { numRuns: 3_000 },
    );
  });

  it("builds the URL of a GitHub repository", () => {
    expect(githubUrl("Acme/Market").identity).toBe(GITHUB);
  });
});

const badRefs = [
  "--output=x",
  "a..b",
  "a b",
  "a~1",
  "a^{}",
  "@{-1}",
  "@",
  "HEAD:../x",
  "refs/heads/x.lock",
  "refs/heads/x.LOCK",
  "a\u007Fb",
  "a\u0001b",
  "",
  "x".repeat(300),
  "/a",
  "a/",
  "a//b",
  ".a",
  "a/.b",
  "a.",
  "a?",
  "a*",
  "a[b",
  "a\\b",
  "a\ud800",
];

describe("checkRefName", () => {
  it.each(badRefs)("refuses (GT04) %j", (ref) => {
    expect(codeOf(() => checkRefName(ref))).toBe("E_GIT_REF");
  });

  it.each(["main", "v1.2.3", "fmt--v1.0.0", "feature/x", "refs/tags/v1", "ünïcode", "a@b", "HEAD"])(
    "accepts %j",
    (ref) => {
      expect(codeOf(() => checkRefName(ref))).toBeUndefined();
    },
  );
});

describe("checkCommit", () => {
  it("makes an upper-case commit lower-case (GT10)", () => {
    expect(checkCommit("ABCDEF0123456789ABCDEF0123456789ABCDEF01")).toBe("abcdef0123456789abcdef0123456789abcdef01");
  });

  it.each(["abcdef0", "a".repeat(39), "a".repeat(41), "g".repeat(40), ""])("refuses (GT10) %j", (commit) => {
    expect(codeOf(() => checkCommit(commit))).toBe("E_GIT_REF");
  });
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}

function messageOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}
