import { existsSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writeSite } from "../../../marketplace/site/write-site.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const page = (path: string, text: string) => ({ path, text });

describe("writing a site", () => {
  it("leaves what is the same, removes what is gone, and keeps what somebody put beside it", () => {
    using files = temporaryHome();
    const out = files.path("site");
    writeSite(out, [page("index.html", "one"), page("p/a.html", "a"), page("p/b.html", "b")]);
    files.write("site/CNAME", "plugins.example.com");
    const before = statSync(files.path("site/p/a.html")).mtimeMs;
    const written = writeSite(out, [page("index.html", "two"), page("p/a.html", "a")]);
    expect(written).toEqual({ files: 2, bytes: 4, removed: 1 });
    expect(readFileSync(files.path("site/index.html"), "utf8")).toBe("two");
    expect(statSync(files.path("site/p/a.html")).mtimeMs).toBe(before);
    expect([existsSync(files.path("site/p/b.html")), existsSync(files.path("site/CNAME"))]).toEqual([false, true]);
  });

  it("writes nothing in a dry run", () => {
    using files = temporaryHome();
    expect(writeSite(files.path("site"), [page("index.html", "x")], true)).toEqual({ files: 1, bytes: 1, removed: 0 });
    expect(existsSync(files.path("site"))).toBe(false);
  });

  it.each([
    ["holds something else", { "site/notes.md": "x" }],
    ["is a file", { site: "x" }],
    ["has a list of somebody else", { "site/site.json": '{"name":"x"}' }],
    ["has a list that is no JSON", { "site/site.json": "{" }],
  ])("refuses a folder that %s", (_what, content: Readonly<Record<string, string>>) => {
    using files = temporaryHome();
    for (const [path, text] of Object.entries(content)) files.write(path, text);
    expect(() => writeSite(files.path("site"), [page("index.html", "x")])).toThrow(
      expect.objectContaining({ code: "E_USAGE" }),
    );
  });

  it("removes nothing outside, whatever its own list says", () => {
    using files = temporaryHome();
    files.write("secret", "s");
    files.write("site/site.json", JSON.stringify({ schema: 1, files: { "../secret": "x", "a/../../secret": "x" } }));
    writeSite(files.path("site"), [page("index.html", "x")]);
    expect(existsSync(files.path("secret"))).toBe(true);
  });
});
