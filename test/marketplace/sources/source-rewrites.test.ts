import { describe, expect, it } from "vitest";
import { SourceRewrites } from "../../../marketplace/sources/source-rewrites.ts";
import { parseGitUrl } from "../../../schemas/identity.ts";

const place = { key: "sourceRewrites.0", file: "/etc/managed.json", line: 3 };
const toMirror = { from: "https://code.example/", to: "https://mirror.example/", place };
const toFolder = { from: "https://local.example/", to: "file:///srv/", place };
const code = (value: string) => expect.objectContaining({ code: value }) as Error;

describe("where bytes are fetched", () => {
  it("is where their name says without a rule, and nothing is told", () => {
    const rewrites = new SourceRewrites([{}]);
    const url = parseGitUrl("https://code.example/acme/tools.git");
    expect(rewrites.git(url)).toBe(url);
    expect(rewrites.web("https://code.example/x.json")).toBe("https://code.example/x.json");
    expect(rewrites.notes()).toEqual([]);
  });

  it("is where a rule says, which is told once", () => {
    const rewrites = new SourceRewrites([{ sourceRewrites: { rules: [toMirror, toFolder] } }]);
    expect(rewrites.git(parseGitUrl("https://code.example/acme/tools.git"))).toMatchObject({
      host: "mirror.example",
      path: "acme/tools",
    });
    expect(rewrites.web("https://code.example/x.json")).toBe("https://mirror.example/x.json");
    expect(rewrites.git(parseGitUrl("https://local.example/tools.git")).url).toBe("file:///srv/tools.git");
    expect(rewrites.notes().map(({ message }) => message)).toEqual([
      "what lies at `https://code.example/` was fetched from `https://mirror.example/`, as the policy says",
      "what lies at `https://local.example/` was fetched from `file:///srv/`, as the policy says",
    ]);
  });

  it("is nowhere for a document that a rule sends to a folder", () => {
    const rewrites = new SourceRewrites([{ sourceRewrites: { rules: [toFolder] } }]);
    expect(() => rewrites.web("https://local.example/x.json")).toThrow(code("E_SOURCE_BLOCKED"));
  });

  it("is nowhere while a rule cannot be read, but for what another one covers and what lies on this machine", () => {
    const rewrites = new SourceRewrites([{ sourceRewrites: { rules: [toMirror], closed: place } }]);
    expect(() => rewrites.web("https://elsewhere.example/x.json")).toThrow(code("E_SOURCE_BLOCKED"));
    expect(() => rewrites.git(parseGitUrl("https://elsewhere.example/x.git"))).toThrow(
      expect.objectContaining({ code: "E_SOURCE_BLOCKED", where: "/etc/managed.json:3" }) as Error,
    );
    expect(rewrites.web("https://code.example/x.json")).toBe("https://mirror.example/x.json");
    expect(rewrites.git(parseGitUrl("file:///srv/x")).url).toBe("file:///srv/x");
  });
});
