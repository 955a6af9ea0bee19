import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { expect, it } from "vitest";
import { withTrustedPath } from "../../cli/trusted-path.ts";
import { temporaryHome } from "../support/temporary-home.ts";

it("PR15: `PATH` has no relative folder, and none of a project until it is trusted, by whatever name", () => {
  using files = temporaryHome();
  files.write("site/plugins.json", "{}");
  for (const folder of ["site/bin", "site/deep", "system"]) mkdirSync(files.path(folder), { recursive: true });
  symlinkSync(files.path("site/bin"), files.path("link"));
  const own = ["system", "gone"].map((name) => files.path(name));
  const theirs = ["site/bin", "link"].map((name) => files.path(name));
  const environment = (path: readonly string[]) => ({
    HOME: files.path("person"),
    PLUGSMITH_HOME: files.path("home"),
    PATH: path.join(":"),
  });
  const pathIn = (folder: string): string | undefined =>
    withTrustedPath(environment(["bin", ...theirs, "", ...own]), files.path(folder))["PATH"];
  expect(pathIn("site/deep")).toBe(own.join(":"));
  expect(pathIn("system")).toBe([...theirs, own[1]].join(":"));
  const untouched = environment(own);
  expect(withTrustedPath(untouched, files.path("site"))).toBe(untouched);
  const trusted = { [realpathSync(files.path("site"))]: { at: "2026-01-01" } };
  files.write("home/state/trust.json", JSON.stringify({ schema: 1, trusted }));
  expect(pathIn("site")).toBe([...theirs, ...own].join(":"));
  // A folder that holds the Node which runs this keeps its programs.
  expect(withTrustedPath(environment(["/usr/bin"]), "/")["PATH"]).toBe("/usr/bin");
});
