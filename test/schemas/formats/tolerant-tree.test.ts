import { expect, it } from "vitest";
import { CodedError } from "../../../schemas/errors.ts";
import type { FileTree } from "../../../schemas/formats/index.ts";
import { memoryTree, readManifestHead, readPlugin, validatePlugin } from "../../../schemas/formats/index.ts";
import { filesOf, findingsOf, markdown, namesOf } from "./plugin-fixture.ts";

const plugin = memoryTree(
  filesOf(
    { name: "p" },
    {
      "skills/a/SKILL.md": markdown("a"),
      "skills/b/SKILL.md": markdown("b"),
      "commands/c.md": markdown("c"),
      "commands/sub/d.md": markdown("d"),
      "agents/e.md": markdown("e"),
    },
  ),
);

/** The same plugin on a disk that shows nothing of one directory, or not the content of one file. */
function refusing(closed: string): FileTree {
  const look = <T>(path: string, answer: () => T): T => {
    if (path === closed || path.startsWith(closed === "" ? "" : `${closed}/`))
      throw new CodedError("E_IO", `cannot list \`${closed}\`: EACCES`);
    return answer();
  };
  return {
    list: (directory) => look(directory, () => plugin.list(directory)),
    stat: (path) => (plugin.stat(closed)?.kind === "file" ? plugin.stat(path) : look(path, () => plugin.stat(path))),
    read: (path, maxBytes) => look(path, () => plugin.read(path, maxBytes)),
  };
}

it.each([
  ["skills", ["command c", "command sub:d", "agent e"], "component"],
  ["skills/b", ["skill a", "command c", "command sub:d", "agent e"], "component"],
  ["commands/sub", ["skill a", "skill b", "command c", "agent e"], "component"],
  ["commands/c.md", ["skill a", "skill b", "command sub:d", "agent e"], "command"],
  ["agents", ["skill a", "skill b", "command c", "command sub:d"], "component"],
  [".claude-plugin", [], "plugin"],
  ["", [], "plugin"],
])(
  "what lies in `%s`, which the system does not show, is dropped with a finding and the rest loads",
  (closed, names, dropped) => {
    const reading = readPlugin(refusing(closed), { fallbackName: "p" });
    expect(namesOf(reading.manifest)).toStrictEqual(names);
    expect(reading.diagnostics.filter(({ code }) => code === "E_IO")).toMatchObject([{ severity: "error", dropped }]);
    expect(validatePlugin(refusing(closed)).diagnostics.some(({ code }) => code === "E_IO")).toBe(true);
    expect(readManifestHead(refusing(closed)).loadable).toBe(dropped !== "plugin");
  },
);

it("what has no name that is text is named once and dropped", () => {
  const tree: FileTree = {
    ...plugin,
    list: (directory) => {
      const entries = plugin.list(directory);
      if (directory === "skills") return [...(entries ?? []), { name: "\uFFFD\uFFFD", kind: "directory" }];
      return directory === "commands" ? [...(entries ?? []), { name: "\uFFFD.md", kind: "file" }] : entries;
    },
  };
  const reading = readPlugin(tree);
  expect(findingsOf(reading)).toStrictEqual(["W_FILE_NAME skills/\uFFFD\uFFFD:1", "W_FILE_NAME commands/\uFFFD.md:1"]);
  expect(reading.manifest?.contributions).toHaveLength(5);
});
