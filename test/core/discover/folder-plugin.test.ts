import { expect, it } from "vitest";
import { temporaryHome } from "../../support/temporary-home.ts";
import { pluginIn } from "../../support/test-host.ts";

it("a folder without a manifest is a plugin of the folder's name", () => {
  using home = temporaryHome();
  home.write("city/commands/go.md", "Go.");
  expect(pluginIn(home.path("city"), home)).toMatchObject({
    info: { id: "city@inline", name: "city" },
    manifest: { contributions: [{ kind: "command", name: "go" }] },
  });
});

it("a folder that holds nothing of a plugin is none", () => {
  using home = temporaryHome();
  home.write("notes/readme.txt", "");
  expect(() => pluginIn(home.path("notes"), home)).toThrow("nothing here is a plugin");
});
