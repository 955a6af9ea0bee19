import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeDirectory } from "../../../core/platform/home-directory.ts";

describe("the home directory", () => {
  it("is what `PLUGSMITH_HOME` names, else `.plugsmith` in the user's own", () => {
    const own = join(homedir(), ".plugsmith");
    expect([{ PLUGSMITH_HOME: "/data/../home" }, { PLUGSMITH_HOME: "" }, {}].map(homeDirectory)).toEqual([
      "/home",
      own,
      own,
    ]);
  });

  it("is never relative to where a command was started", () => {
    for (const named of ["home", "./home", "~/home"]) {
      expect(() => homeDirectory({ PLUGSMITH_HOME: named })).toThrow(expect.objectContaining({ code: "E_USAGE" }));
    }
  });

  it.runIf(process.platform === "linux")("is not in `/proc`", () => {
    for (const named of ["/proc", "/proc/x", "/tmp/../proc/1/x"]) {
      expect(() => homeDirectory({ PLUGSMITH_HOME: named })).toThrow(expect.objectContaining({ code: "E_USAGE" }));
    }
    expect(homeDirectory({ PLUGSMITH_HOME: "/process" })).toBe("/process");
  });
});
