import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { isObject, messageOf, realPath } from "../../plugin-api/index.ts";
import { temporaryHome } from "../support/temporary-home.ts";

it("the real path of a file that may not exist yet follows every link, dangling ones too, and refuses circles", () => {
  using home = temporaryHome();
  const top = fs.realpathSync(home.directory);
  home.write("real/file", "");
  fs.symlinkSync("real", `${top}/link`);
  fs.symlinkSync("real/none", `${top}/dangling`);
  fs.symlinkSync("circle", `${top}/circle`);
  const real = (name: string) => realPath(`${top}/${name}`, { fs, path });
  expect(["link/file", "link/new/deep", "dangling", "dangling/below"].map((name) => real(name))).toEqual(
    ["real/file", "real/new/deep", "real/none", "real/none/below"].map((name) => `${top}/${name}`),
  );
  expect(() => real("circle")).toThrow("is a link that leads nowhere");
});

it("what was thrown has a message, and only objects are objects", () => {
  expect([messageOf(new TypeError("no")), messageOf("text"), messageOf(undefined)]).toEqual([
    "no",
    "text",
    "undefined",
  ]);
  expect([{}, [], null, "x", undefined, () => 1].map((value) => isObject(value))).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
