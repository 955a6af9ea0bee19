import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isCodedError } from "../../../schemas/errors.ts";
import { checkOwner, directoryInside, workTreeOf } from "../../../marketplace/sources/local.ts";
import { FixtureRepository } from "../../support/git-repository.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plugsmith-owner-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return "accepted";
}

describe("a local source", () => {
  it.each([
    { mode: 0o755, answer: "accepted" },
    { mode: 0o775, answer: "accepted" },
    { mode: 0o777, answer: "E_SOURCE_BLOCKED" },
    { mode: 0o1777, answer: "E_SOURCE_BLOCKED" },
  ])("with mode $mode is $answer", ({ mode, answer }) => {
    chmodSync(directory, mode);
    expect(codeOf(() => checkOwner(directory))).toBe(answer);
  });

  it("of a third user is refused, with its tags, and one of the system is not", () => {
    const repository = new FixtureRepository(join(directory, "theirs"), { bare: false });
    repository.commit([{ files: { "a/x": "" }, tags: ["a--v1.0.0"] }]);
    expect(workTreeOf(repository.directory)).toMatchObject({ path: "" });
    expect(codeOf(() => checkOwner("/usr"))).toBe("accepted");
    // Only the administrator can give a directory away.
    if (process.getuid?.() !== 0) return;
    chownSync(repository.directory, 4242, 4242);
    expect(codeOf(() => checkOwner(repository.directory))).toBe("E_SOURCE_BLOCKED");
    expect(workTreeOf(repository.directory)).toBeUndefined();
  });

  it("is found in a linked work tree and in a sub-directory, and nowhere else", () => {
    const repository = new FixtureRepository(join(directory, "main"), { bare: false });
    repository.commit([{ files: { "deep/market/x": "" } }]);
    repository.checkOut();
    repository.git(["worktree", "add", "--quiet", "--detach", "../linked"]);
    expect(workTreeOf(join(directory, "linked/deep/market"))).toEqual({
      root: join(directory, "linked"),
      gitDirectory: join(directory, "main/.git"),
      path: "deep/market",
    });
    expect(workTreeOf(directory)).toBeUndefined();
  });

  it("must lie inside its marketplace", () => {
    mkdirSync(join(directory, "market/a"), { recursive: true });
    writeFileSync(join(directory, "market/file"), "");
    expect(directoryInside(join(directory, "market"), "a")).toBe(join(directory, "market/a"));
    expect(codeOf(() => directoryInside(join(directory, "market"), "file"))).toBe("E_PLUGIN_UNKNOWN");
    expect(codeOf(() => directoryInside(join(directory, "market"), ".."))).toBe("E_PATH_ESCAPE");
  });
});
