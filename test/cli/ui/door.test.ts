import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { Door } from "../../../cli/ui/door.ts";

const PORT = 4280;
const HOST = `127.0.0.1:${String(PORT)}`;

/** The part of a request that the door looks at. */
const request = (headers: IncomingMessage["headers"]): IncomingMessage => ({ headers }) as IncomingMessage;

function entered(): { readonly door: Door; readonly cookie: string } {
  const door = new Door(PORT);
  const token = new URL(door.link).searchParams.get("token") ?? "";
  expect(door.spend(token)).toBe(true);
  return { door, cookie: door.cookie.split(";")[0] ?? "" };
}

describe("the door of the server", () => {
  it("opens once with the token of the link, and never with another", () => {
    const door = new Door(PORT);
    const token = new URL(door.link).searchParams.get("token") ?? "";
    expect(token.length).toBeGreaterThan(40);
    expect([door.spend(""), door.spend(`${token}x`), door.spend(token), door.spend(token)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(door.cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/u);
  });

  it.each([
    ["no cookie", { host: HOST, cookie: undefined }, "session"],
    ["a wrong cookie", { host: HOST, cookie: "plugsmith-ui-4280=x" }, "session"],
    ["the cookie of another port", { host: HOST, cookie: "plugsmith-ui-4281=x" }, "session"],
    ["another name of this machine", { host: "localhost:4280" }, "host"],
    ["a name that points here", { host: "evil.example:4280" }, "host"],
    ["no name", { host: undefined }, "host"],
    ["a page of somebody else", { host: HOST, origin: "https://evil.example" }, "origin"],
    ["a page without an origin", { host: HOST, origin: "null" }, "origin"],
    ["another port of this machine", { host: HOST, "sec-fetch-site": "same-site" }, "origin"],
    ["a link elsewhere", { host: HOST, "sec-fetch-site": "cross-site" }, "origin"],
  ] as const)("does not let in %s", (_what, headers, refusal) => {
    const { door, cookie } = entered();
    expect(door.refusal(request({ cookie, ...headers }))).toBe(refusal);
  });

  it("lets in whoever came through the link, to look", () => {
    const { door, cookie } = entered();
    expect(door.refusal(request({ host: HOST, cookie: `a=b; ${cookie}` }))).toBeUndefined();
  });

  it.each([
    ["without an origin", { origin: undefined }, "origin"],
    ["without the token of a page", { "x-plugsmith-token": undefined }, "token"],
    ["with a wrong token", { "x-plugsmith-token": "x" }, "token"],
  ] as const)("lets nothing be changed %s", (_what, headers, refusal) => {
    const { door, cookie } = entered();
    const good = { host: HOST, cookie, origin: door.origin, "x-plugsmith-token": door.pageToken };
    expect(door.refusalToChange(request(good))).toBeUndefined();
    expect(door.refusalToChange(request({ ...good, ...headers }))).toBe(refusal);
  });
});
