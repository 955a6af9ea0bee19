import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { toolPoint } from "../../../plugin-api/index.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { fileToolsHost } from "./file-tools-host.ts";

describe("the file tools", () => {
  it("announce in their manifest exactly what their code adds", async () => {
    await using tools = await fileToolsHost();
    const reader = await tools.test.host.frontend.read(toolPoint);
    const announced = reader.all().map(({ descriptor }) => descriptor);
    expect(announced.map(({ name }) => name)).toEqual(["Read", "Write", "Edit", "Glob", "Grep"]);
    await tools.test.host.activate("file-tools@builtin");
    expect(reader.all().map(({ descriptor }) => descriptor)).toEqual(announced);
  });
});

describe("Read", () => {
  it("numbers the lines of a text", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", "one\r\ntwo\nthree");
    expect(await tools.see("a.txt")).toBe("     1\tone\n     2\ttwo\n     3\tthree");
  });

  it("shows a part and says how to go on", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", Array.from({ length: 50 }, (_, at) => `line ${String(at + 1)}\n`).join(""));
    const shown = await tools.text("Read", { file_path: "a.txt", offset: 10, limit: 2 });
    expect(shown).toBe("    10\tline 10\n    11\tline 11\n(lines 12 to 50 are not shown; go on with `offset` 12)");
  });

  it("cuts long lines and long files", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("long.txt", "x".repeat(5000));
    tools.project.write("many.txt", "y\n".repeat(3000));
    expect(await tools.see("long.txt")).toBe(`     1\t${"x".repeat(2000)}… (line cut)`);
    expect(await tools.see("many.txt")).toMatch(/ 2000\ty\n\(lines 2001 to 3000 are not shown/u);
  });

  it("shows an image by what it is, not by its name", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1"));
    const invoked = await tools.call("Read", { file_path: "a.txt" });
    expect(invoked).toMatchObject({ kind: "done", output: { content: [{ type: "image", mediaType: "image/png" }] } });
  });

  it("says that an empty file is empty", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", "");
    expect(await tools.see("a.txt")).toContain("is empty");
  });

  const refused = [
    { name: "a folder", make: (path: string) => mkdirSync(path), message: /is a folder; use Glob/u },
    { name: "a pipe", make: (path: string) => execFileSync("mkfifo", [path]), message: /no regular file/u },
    { name: "a binary", make: (path: string) => writeFileSync(path, "a\0b"), message: /is binary/u },
    {
      name: "broken UTF-8",
      make: (path: string) => writeFileSync(path, Buffer.from([0x61, 0xff])),
      message: /is binary/u,
    },
    { name: "nothing", make: () => undefined, message: /there is no file/u },
    { name: "a link in a circle", make: (path: string) => symlinkSync(path, path), message: /ELOOP|leads nowhere/u },
    { name: "a device", make: (path: string) => symlinkSync("/dev/zero", path), message: /no regular file/u },
  ];
  it.each(refused)("refuses $name and says why", async ({ make, message }) => {
    await using tools = await fileToolsHost();
    make(tools.path("x"));
    await expect(tools.see("x")).rejects.toThrow(message);
  });

  it("names a file that differs from a missing one in case or ending", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("Readme.MD", "hi");
    await expect(tools.see("readme.txt")).rejects.toThrow("beside it there is `Readme.MD`");
  });
});

describe("Write", () => {
  it("makes a file and the folders above it", async () => {
    await using tools = await fileToolsHost();
    expect(await tools.text("Write", { file_path: tools.path("a/b/c.txt"), content: "hi\n" })).toContain("created");
    expect(readFileSync(tools.path("a/b/c.txt"), "utf8")).toBe("hi\n");
    expect(readdirSync(tools.path("a/b"))).toEqual(["c.txt"]);
  });

  it("replaces only what was read, and only as it was read", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", "old");
    const write = () => tools.text("Write", { file_path: tools.path("a.txt"), content: "new" });
    await expect(write()).rejects.toThrow("was not read in this session; read it first");
    await tools.see("a.txt");
    tools.project.write("a.txt", "someone else's");
    await expect(write()).rejects.toThrow("has changed since it was read; read it again");
    await tools.see("a.txt");
    expect(await write()).toContain("replaced");
    expect(await tools.text("Write", { file_path: tools.path("a.txt"), content: "newer" })).toContain("replaced");
    expect(readFileSync(tools.path("a.txt"), "utf8")).toBe("newer");
  });

  it("replaces an image that was looked at", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.png", Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1"));
    await tools.see("a.png");
    expect(await tools.text("Write", { file_path: "a.png", content: "text" })).toContain("replaced");
  });

  it("keeps the mode, and breaks no hard link's other name", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.sh", "old");
    chmodSync(tools.path("a.sh"), 0o755);
    linkSync(tools.path("a.sh"), tools.path("b.sh"));
    await tools.see("a.sh");
    await tools.text("Write", { file_path: tools.path("a.sh"), content: "new" });
    expect(statSync(tools.path("a.sh")).mode & 0o777).toBe(0o755);
    expect(readFileSync(tools.path("b.sh"), "utf8")).toBe("old");
  });

  it("writes through a link inside the project and leaves the link", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("real.txt", "old");
    symlinkSync("real.txt", tools.path("link.txt"));
    await tools.see("link.txt");
    await tools.text("Write", { file_path: tools.path("link.txt"), content: "new" });
    expect(readFileSync(tools.path("real.txt"), "utf8")).toBe("new");
    expect(readdirSync(tools.path(".")).sort()).toEqual(["link.txt", "real.txt"]);
  });

  const links = [
    { name: "a link to a file outside", target: "file.txt", write: "link" },
    { name: "a link to a folder outside", target: "", write: "link/new.txt" },
    { name: "a dangling link that leads outside", target: "missing.txt", write: "link" },
  ];
  it.each(links)("refuses $name", async ({ target, write }) => {
    await using tools = await fileToolsHost();
    using outside = temporaryHome();
    outside.write("file.txt", "old");
    symlinkSync(outside.path(target), tools.path("link"));
    if (target === "file.txt") await tools.see("link");
    await expect(tools.text("Write", { file_path: tools.path(write), content: "new" })).rejects.toThrow(
      "outside the working folders",
    );
    expect(readdirSync(outside.directory)).toEqual(["file.txt"]);
    expect(readFileSync(outside.path("file.txt"), "utf8")).toBe("old");
    expect(existsSync(outside.path("missing.txt"))).toBe(false);
  });
});
