import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fileToolsHost } from "./file-tools-host.ts";

interface Case {
  readonly name: string;
  readonly file: string | Buffer;
  readonly edit: { readonly old_string: string; readonly new_string: string; readonly replace_all?: boolean };
  readonly result?: string | Buffer;
  readonly refusal?: RegExp;
}

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");

const CASES: readonly Case[] = [
  { name: "the one occurrence", file: "a b c", edit: { old_string: "b", new_string: "x" }, result: "a x c" },
  {
    name: "every occurrence when asked to",
    file: "a b a",
    edit: { old_string: "a", new_string: "x", replace_all: true },
    result: "x b x",
  },
  {
    name: "patterns of replacement literally",
    file: "a",
    edit: { old_string: "a", new_string: "$& $1 $$" },
    result: "$& $1 $$",
  },
  { name: "several lines", file: "a\nb\nc\n", edit: { old_string: "a\nb\n", new_string: "x\n" }, result: "x\nc\n" },
  {
    name: "lines of a CRLF file",
    file: "a\r\nb\r\nc\r\n",
    edit: { old_string: "a\nb", new_string: "x\ny\nz" },
    result: "x\r\ny\r\nz\r\nc\r\n",
  },
  {
    name: "one line of a CRLF file by several",
    file: "a\r\nb\r\n",
    edit: { old_string: "b", new_string: "b\nc" },
    result: "a\r\nb\r\nc\r\n",
  },
  {
    name: "CRLF lines of a mixed file",
    file: "a\r\nb\nc\r\n",
    edit: { old_string: "a\nb", new_string: "a\nx" },
    result: "a\r\nx\nc\r\n",
  },
  {
    name: "a text behind a byte order mark",
    file: "\uFEFFa b",
    edit: { old_string: "a b", new_string: "c" },
    result: "\uFEFFc",
  },
  { name: "UTF-16", file: utf16("a ü"), edit: { old_string: "ü", new_string: "ö" }, result: utf16("a ö") },
  { name: "an empty file", file: "", edit: { old_string: "", new_string: "new" }, result: "new" },
  { name: "by nothing", file: "a b", edit: { old_string: " b", new_string: "" }, result: "a" },
  {
    name: "nothing that occurs twice",
    file: "a\nb\na\n",
    edit: { old_string: "a", new_string: "x" },
    refusal: /occurs 2 times in .*, at line 1, 3; add lines around/u,
  },
  {
    name: "nothing that is not there, and says where it nearly is",
    file: "one\n  two\nthree\n",
    edit: { old_string: "\ttwo\nthree", new_string: "x" },
    refusal: /does not occur .* a line like its first one is at line 2/u,
  },
  { name: "nothing by itself", file: "a", edit: { old_string: "a", new_string: "a" }, refusal: /equal/u },
  {
    name: "no text by an empty old_string",
    file: "a",
    edit: { old_string: "", new_string: "b" },
    refusal: /not empty/u,
  },
  {
    name: "no text that is not valid UTF-8",
    file: Buffer.from([0x61, 0x20, 0xff]),
    edit: { old_string: "a", new_string: "b" },
    refusal: /was not read/u,
  },
];

describe("Edit", () => {
  it.each(CASES)("replaces $name", async ({ file, edit, result, refusal }) => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", file);
    await tools.see("a.txt").catch(() => undefined);
    const editing = tools.text("Edit", { file_path: tools.path("a.txt"), ...edit });
    if (refusal === undefined) await editing;
    else await expect(editing).rejects.toThrow(refusal);
    expect(readFileSync(tools.path("a.txt"))).toEqual(Buffer.from(result ?? file));
  });

  it("shows the changed lines with their numbers", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", Array.from({ length: 20 }, (_, at) => `line ${String(at + 1)}\n`).join(""));
    await tools.see("a.txt");
    const shown = await tools.text("Edit", {
      file_path: tools.path("a.txt"),
      old_string: "line 10\n",
      new_string: "new\n",
    });
    expect(shown.split("\n").slice(1)).toEqual([
      ...[6, 7, 8, 9].map((line) => `     ${String(line)}\tline ${String(line)}`),
      "    10\tnew",
      ...[11, 12, 13, 14].map((line) => `    ${String(line)}\tline ${String(line)}`),
    ]);
  });

  it("creates a file from an empty old_string, and refuses another one that is missing", async () => {
    await using tools = await fileToolsHost();
    await tools.text("Edit", { file_path: tools.path("new.txt"), old_string: "", new_string: "hi" });
    expect(readFileSync(tools.path("new.txt"), "utf8")).toBe("hi");
    await expect(
      tools.text("Edit", { file_path: tools.path("other.txt"), old_string: "a", new_string: "b" }),
    ).rejects.toThrow("create it with Write");
  });

  it("lets two edits of one file follow each other without reading it again", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", "a b");
    await tools.see("a.txt");
    const edit = (from: string, to: string) =>
      tools.text("Edit", { file_path: tools.path("a.txt"), old_string: from, new_string: to });
    await Promise.all([edit("a", "x"), edit("b", "y")]);
    expect(readFileSync(tools.path("a.txt"), "utf8")).toBe("x y");
  });
});
