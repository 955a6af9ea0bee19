import fc from "fast-check";

/** Text that two programs may read differently: who is the host of `a@b:c`, what ends a host, what is decoded when. */
// prettier-ignore
const CUNNING: readonly string[] = [
  "@", ":", "/", "//", "\\", "#", "?", "[", "]", "@[", "@%5B", "%5D", "%", "%40", "%2f", "%2e", "%5c", "%00", "%0a", "%25", "\t", "\n", "\r", "\0", " ",
  "..", ".", "-", "~", "'", '"', "`", "$", ";", "&", "|", "!", "\u00AD", "\u200B", "\u202E", "\uFF0F", "\uFF20", "\uFF1A", "\u3002", "\u2215", "\uD800", ".git",
  "::", "www.", "allowed.example",
];

const NAMES: readonly string[] = ["acme", "market", "Acme", "a.b", "a_b", "a-b", "x1", "M"];

const host = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "allowed.example",
      "evil.example",
      "sub.allowed.example",
      "xallowed.example",
      "h",
      "a_b.example",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "Allowed.Example",
      "github.com",
      "www.github.com",
      "ssh.github.com",
      "GitLab.com",
      "localhost",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "127.0.0.1",
      "127.1",
      "0x7f.1",
      "2130706433",
      "010.0.0.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[FE80::1]",
      "[fe80::1%25eth0]",
      "[fe80::1%eth0]",
      "[allowed.example]",
      "::1",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "allowed.example.",
      "allowed..example",
      ".allowed.example",
      "allowed.example.evil.example",
      "allowed.example%2eevil.example",
      "allowed.example%40evil.example",
      "allowed.example\\@evil.example",
      "evil.example\\@allowed.example",
      "-oProxyCommand=x",
      "-",
      "",
      "allowed.example,evil.example",
      "allowed.example;evil.example",
      "allowed.example*",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "\u0430llowed.example",
      "allowed\uFF0Eexample",
      "\u24D0llowed.example",
      "al\u00ADlowed.example",
      "allowed\u3002example",
      "b\u00FCcher.example",
      "fa\u00DF.example",
      "xn--bcher-kva.example",
      "\u212Aey.example",
      "a\u2215b.example",
    ),
  },
);

const user = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("git@", "Mallory@", "a.b+c@", "_x@") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "allowed.example@",
      "git:secret@",
      "git%40allowed.example@",
      "-l@",
      "@",
      "a@b@",
      ":@",
      "git\t@",
    ),
  },
);

const port = fc.constantFrom(
  ":22",
  ":443",
  ":80",
  ":8443",
  ":",
  ":0",
  ":65536",
  ":022",
  ":8443:",
  ":80x",
  ":+80",
  ":allowed",
);

const segment = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9._~-]{1,4}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "..",
      ".",
      "",
      "~",
      "~user",
      "-x",
      "%2e%2e",
      "a%20b",
      "%41",
      "a%2fb",
      "a%40b",
      "x@[evil.example]",
      "x@%5Bevil.example:22%5D",
      "@[",
      "%5Bevil.example%5D",
      "it's",
      "a!b",
      "a:b",
      "a@b",
      "\u00E9",
      "$(x)",
      "`x`",
      "a&b",
      "a,b=c",
      "(a)",
      "a*b",
    ),
  },
);

const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "", "", ".git", ".git/", "/", ".GIT"))
  .map(([segments, end]) => segments.join("/") + end);

const ending = fc.oneof(
  { weight: 8, arbitrary: fc.constant("") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("#main", "#v1.0.0", "#", "?x=", "?a@evil.example/", "#@evil.example/x", "@main", "@v1"),
  },
);

const scheme = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("https", "http", "ssh", "HTTPS", "Ssh") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "git",
      "file",
      "git+ssh",
      "ssh+git",
      "ftp",
      "ext",
      "http::https",
      "https:",
      "svn+ssh",
      "rsync",
      "",
      "ht\ttps",
    ),
  },
);

const optional = (text: fc.Arbitrary<string>, frequency: number): fc.Arbitrary<string> =>
  fc.option(text, { nil: "", freq: frequency });

const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(""));

const url = joined(
  scheme,
  fc.oneof(
    { weight: 12, arbitrary: fc.constant("://") },
    { weight: 1, arbitrary: fc.constantFrom(":/", ":", ":///", "::") },
  ),
  optional(user, 1),
  host,
  optional(port, 1),
  fc.oneof(
    { weight: 12, arbitrary: fc.constant("/") },
    { weight: 1, arbitrary: fc.constantFrom("", "//", "/~", "\\", "/\\") },
  ),
  path,
  ending,
);

const secureShell = joined(
  optional(user, 3),
  fc.oneof(
    { weight: 6, arbitrary: host },
    { weight: 1, arbitrary: fc.tuple(host, port).map(([at, number]) => `[${at}${number}]`) },
    { weight: 1, arbitrary: fc.tuple(user, host, port).map(([who, at, number]) => `[${who}${at}${number}]`) },
  ),
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(":") },
    { weight: 1, arbitrary: fc.constantFrom("::", ":22:", ":/", ":~") },
  ),
  path,
  ending,
);

const shorthand = joined(segment, fc.constant("/"), segment, ending);

const helper = joined(
  fc.constantFrom(
    "ext::",
    "EXT::",
    "fd::",
    "-",
    "--upload-pack=",
    "-oProxyCommand=",
    "-c",
    "transport::",
    "file://",
    "file:///",
  ),
  fc.oneof(host, fc.constantFrom("sh -c touch% pwned", "/srv/market")),
  fc.constantFrom("", "/", ":"),
  path,
);

const clean = fc.oneof(
  { weight: 8, arbitrary: url },
  { weight: 4, arbitrary: secureShell },
  { weight: 1, arbitrary: shorthand },
  { weight: 1, arbitrary: helper },
);

/** A text with something cunning put into it, or over a character of it. */
const spoiled = fc
  .tuple(clean, fc.constantFrom(...CUNNING), fc.nat(), fc.constantFrom(0, 0, 1))
  .map(([text, cunning, at, over]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + cunning + text.slice(place + over);
  });

const soup = fc
  .array(fc.constantFrom(...CUNNING, "https://", "ssh://", "git", "evil.example", "market", "22"), { maxLength: 10 })
  .map((pieces) => pieces.join(""));

/** What somebody may write as the source of a marketplace or plugin, to have another host asked than the one that was judged. */
export const sourceString: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: clean },
  { weight: 3, arbitrary: spoiled },
  { weight: 1, arbitrary: soup },
);
