import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sandbox, type Sandbox } from "../cli/sandbox.ts";

describe("completion in bash", () => {
  let box: Sandbox;

  beforeAll(() => {
    box = sandbox();
    for (const name of ["acme", "other"]) {
      const market = box.market(name, { fmt: {}, [`only-${name}`]: {} });
      expect(box.run(["marketplace", "add", market])).toMatchObject({ status: 0, stderr: "" });
    }
    for (const id of ["fmt@acme", "fmt@other", "only-acme@acme"]) {
      expect(box.run(["add", id])).toMatchObject({ status: 0, stderr: "" });
    }
  });

  afterAll(() => box[Symbol.dispose]());

  /** What bash offers for the last of the words. */
  function offered(...words: readonly string[]): readonly string[] {
    const program = join(inject("bundle"), "plugin.js");
    const script = [
      `plugin() { "${process.execPath}" "${program}" "$@"; }`,
      'eval "$(plugin completion bash)"',
      'COMP_WORDS=(plugin "$@"); COMP_CWORD=$#',
      "_plugin",
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ].join("\n");
    const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", script, "bash", ...words], {
      cwd: box.files.path("work"),
      env: { PATH: process.env["PATH"] ?? "", HOME: box.files.directory, PLUGSMITH_HOME: box.home },
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter((line) => line !== "");
  }

  it.each([
    [["ma"], ["marketplace", "market"]],
    [["cache", "g"], ["gc"]],
    [
      ["marketplace", "up"],
      ["update", "upgrade"],
    ],
    [["remove", "--k"], ["--keep-data"]],
    [["remove", "o"], ["only-acme"]],
    [
      ["disable", "f"],
      ["fmt@acme", "fmt@other"],
    ],
    [
      ["market", "remove", ""],
      ["acme", "other"],
    ],
    [["marketplace", "add", "zz"], []],
    [["why", "nothing"], []],
  ])("offers for %j what fits", (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  it("offers nothing and says nothing where the home cannot be read", () => {
    for (const kind of ["installed", "marketplaces"]) {
      const env = { PLUGSMITH_HOME: join(box.files.path("work"), "none") };
      const run = box.run(["completion", "--names", kind], { env });
      expect(run).toMatchObject({ status: 0, stdout: "", stderr: "" });
    }
  });
});
