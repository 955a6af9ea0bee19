import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCodedError } from "../../schemas/errors.ts";
import {
  canonicalName,
  checkMarketplaceName,
  checkPluginName,
  confusableName,
  editDistance,
  escapeControl,
  isPlainPluginId,
  isVendorName,
  nearest,
  parsePluginId,
} from "../../schemas/names.ts";

describe("names", () => {
  it.each(["fmt", "Fmt_2", "a.b-c", "0x", "x".repeat(128)])("accepts %j", (name) => {
    expect(codeOf(() => checkPluginName(name))).toBeUndefined();
  });

  it.each([
    ["NM01 Cyrillic", "g\u0456t-tools"],
    ["NM01 script g", "\u0261it-tools"],
    ["NM01 full width", "\uFF47it"],
    ["NM06 at", "a@b"],
    ["NM06 colon", "a:b"],
    ["NM06 slash", "a/b"],
    ["NM06 hash", "a#b"],
    ["NM06 blank", "a b"],
    ["NM06 minus", "-a"],
    ["NM06 dot", ".a"],
    ["MF04 dots", ".."],
    ["MF04 dot", "."],
    ["MF04 empty", ""],
    ["MF04 NUL", "a\0b"],
    ["MF04 long", "a".repeat(300)],
    ["dots inside", "a..b"],
    ["last dot", "a."],
    ["device", "nul"],
    ["device with extension", "COM1.md"],
    ...["constructor", "toString", "valueOf", "hasOwnProperty", "prototype", "__proto__"].map((name) => [
      "object member",
      name,
    ]),
  ])("refuses (%s) %j", (_row, name) => {
    for (const check of [checkPluginName, checkMarketplaceName]) expect(codeOf(() => check(name ?? ""))).toBe("E_NAME");
    expect(parsePluginId(`fmt@${name ?? ""}`)).toBeUndefined();
  });

  it.each(["inline", "builtin", "skills-dir", "Skills_Dir", "synced", "local", "user", "project", "path", "managed"])(
    "refuses (MK05) the pseudo-name %s for a marketplace",
    (name) => {
      expect(codeOf(() => checkMarketplaceName(name))).toBe("E_NAME");
    },
  );

  it.each(["claude-plugins-official", "npm", "GitHub", "claudeai-x"])("knows %s as another vendor's", (name) => {
    expect(isVendorName(name)).toBe(true);
    expect(codeOf(() => checkMarketplaceName(name))).toBeUndefined();
  });

  it.each([
    ["Git_Tools", "git-tools"],
    ["git--tools", "git_tools"],
    ["git-tools-", "git-tools"],
  ])("folds (NM04) %s and %s to one name", (left, right) => {
    expect(canonicalName(left)).toBe(canonicalName(right));
  });

  it.each([
    ["acrne", "acme"],
    ["paypaI", "paypal"],
    ["g00gle", "google"],
    ["vvork", "work"],
  ])("sees (NM02) that %s looks like %s", (left, right) => {
    expect(confusableName(left)).toBe(confusableName(right));
    expect(canonicalName(left)).not.toBe(canonicalName(right));
  });

  it.each([
    ["code-revew", "code-review", 1],
    ["ab", "ba", 1],
    ["kitten", "sitting", 3],
    ["", "abc", 3],
    ["same", "same", 0],
  ])("counts the edits between %s and %s (NM03)", (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
    expect(editDistance(right, left, 1)).toBe(Math.min(distance, 2));
  });

  it("suggests the nearest candidate, and none when all are far", () => {
    expect(nearest("formater", ["linter", "formatter", "format"])).toBe("formatter");
    expect(nearest("zzz", ["linter", "formatter"])).toBeUndefined();
    expect(nearest("a", ["b"])).toBe("b");
  });

  it("splits an id and refuses what is none", () => {
    expect(parsePluginId("fmt@acme")).toEqual({ name: "fmt", market: "acme" });
    for (const id of ["fmt", "@acme", "fmt@", "a@b@c", "a b@c"]) expect(parsePluginId(id)).toBeUndefined();
  });
});

describe("an id that is canonical at a glance", () => {
  it("is an id, and its own canonical spelling", () => {
    const part = fc.oneof(
      fc.constantFrom("con", "com1", "constructor", "prototype", "con-1", "__proto__", "x".repeat(128)),
      fc.stringMatching(/^[a-z0-9.A_-]{0,6}$/u),
      fc.stringMatching(/^[a-z0-9]{1,5}(-[a-z0-9]{1,5})?$/u),
      fc.string({ maxLength: 4 }),
    );
    let plain = 0;
    fc.assert(
      fc.property(part, part, (name, market) => {
        const id = `${name}@${market}`;
        if (!isPlainPluginId(id)) return;
        plain += 1;
        expect(parsePluginId(id)).toEqual({ name, market });
        expect([canonicalName(name), canonicalName(market)]).toEqual([name, market]);
      }),
      { numRuns: 5000 },
    );
    expect(plain).toBeGreaterThan(300);
  });

  it.each(["con@acme", "a@con", "constructor@acme", "a@prototype", "A@acme", "a--b@acme", "a@b@c", "a@acme\n", "@a"])(
    "is not %j",
    (id) => {
      expect(isPlainPluginId(id)).toBe(false);
    },
  );
});

describe("escapeControl", () => {
  it.each([
    ["an ANSI escape", "\u001B[31mred", "\\u{1b}[31mred"],
    ["an OSC-8 link", "\u001B]8;;http://x\u0007y", "\\u{1b}]8;;http://x\\u{7}y"],
    ["a bidi override", "a\u202Eb", "a\\u{202e}b"],
    ["zero-width characters", "a\u200Bb\u200Dc\uFEFF", "a\\u{200b}b\\u{200d}c\\u{feff}"],
    ["tag characters", "a\u{E0041}", "a\\u{e0041}"],
    ["a C1 control", "a\u009B31m", "a\\u{9b}31m"],
    ["line breaks", "a\nb\r\tc\u2028", "a\\nb\\r\\tc\\u{2028}"],
    ["a lone surrogate", "a\ud800", "a\\u{d800}"],
  ])("makes %s visible", (_what, text, escaped) => {
    expect(escapeControl(text)).toBe(escaped);
  });

  it("leaves ordinary text, emoji sequences and wanted line breaks alone", () => {
    expect(escapeControl("naïve 日本語 👩‍💻 ❤️")).toBe("naïve 日本語 👩‍💻 ❤️");
    expect(escapeControl("a\n\tb\u0007", { keepLines: true })).toBe("a\n\tb\\u{7}");
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
