import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
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

  it("overwrites nothing that somebody put beside the last one", () => {
    using files = temporaryHome();
    const out = files.path("site");
    writeSite(out, [page("index.html", "one")]);
    files.write("site/sitemap.xml", "mine");
    const again = (dryRun: boolean) => writeSite(out, [page("index.html", "two"), page("sitemap.xml", "x")], dryRun);
    for (const dryRun of [true, false])
      expect(() => again(dryRun)).toThrow(expect.objectContaining({ code: "E_EXISTS" }));
    expect(readdirSync(out).toSorted()).toEqual(["index.html", "site.json", "sitemap.xml"]);
    expect(readFileSync(files.path("site/index.html"), "utf8")).toBe("one");
  });

  it("leaves everything as it was when it fails on the way, also the folders around a new one", () => {
    using files = temporaryHome();
    const failing = function* (index: string) {
      yield page("index.html", index);
      yield page("p/a.html", "a");
      throw new Error("a page that cannot be made");
    };
    expect(() => writeSite(files.path("deep/site"), failing("one"))).toThrow("cannot be made");
    expect(existsSync(files.path("deep"))).toBe(false);
    writeSite(files.path("site"), [page("index.html", "one")]);
    expect(() => writeSite(files.path("site"), failing("two"))).toThrow("cannot be made");
    expect(readdirSync(files.path("site")).toSorted()).toEqual(["index.html", "site.json"]);
    expect(readFileSync(files.path("site/index.html"), "utf8")).toBe("one");
  });

  it("takes up where one was killed, and has its folders only while something lies in them", () => {
    using files = temporaryHome();
    files.write("site/.plugsmith-next/0", "half");
    writeSite(files.path("site"), [page("p/a/1.html", "a")]);
    expect(writeSite(files.path("site"), [page("index.html", "x")])).toMatchObject({ removed: 1 });
    expect(readdirSync(files.path("site")).toSorted()).toEqual(["index.html", "p", "site.json"]);
  });

  it.runIf(process.platform === "linux")("ends where nothing can be made", () => {
    expect(() => writeSite("/proc/plugsmith/site", [page("index.html", "x")])).toThrow(
      expect.objectContaining({ code: "E_IO" }),
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
