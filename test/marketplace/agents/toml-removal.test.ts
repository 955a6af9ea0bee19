import { describe, expect, test } from "vitest";
import { withoutTomlEntry } from "../../../marketplace/agents/doctor/toml-removal.ts";
import type { EntryPath } from "../../../marketplace/agents/doctor/toml-cuts.ts";

/** An entry of a text, and the text without it. */
const CASES: readonly {
  readonly what: string;
  readonly path: EntryPath;
  readonly text: string;
  readonly left: string;
}[] = [
  {
    what: "a table with what is below it, comments around it kept",
    path: ["mcp_servers", "a"],
    text: '# mine\nmodel = "m" # the model\n\n# about a\n[mcp_servers.a] # here\ncommand = "x"\n# the words\nargs = [\n  "y",\n]\n\n[mcp_servers.a.env]\nKEY = "v"\n\n# about b\n[mcp_servers."b c"]\nurl = "u"\n',
    left: '# mine\nmodel = "m" # the model\n\n# about a\n# about b\n[mcp_servers."b c"]\nurl = "u"\n',
  },
  {
    what: "tables that do not stand together",
    path: ["mcp_servers", "a"],
    text: '[mcp_servers.a]\ncommand = "x"\n\n[profiles.p]\nmodel = "y"\n\n[mcp_servers.a.env]\nK = "v"\n',
    left: '[profiles.p]\nmodel = "y"\n\n',
  },
  {
    what: "dotted keys, and Windows line ends",
    path: ["mcp_servers", "a"],
    text: '[mcp_servers]\r\na.command = "x"\r\n"a".args = []\r\nb.command = "y"\r\n',
    left: '[mcp_servers]\r\nb.command = "y"\r\n',
  },
  {
    what: "one of a table in braces",
    path: ["mcp_servers", "b"],
    text: 'mcp_servers = { a = { command = "x" }, b = { command = "y" } } # both\n',
    left: 'mcp_servers = { a = { command = "x" } } # both\n',
  },
  {
    what: "the first of a table in braces",
    path: ["mcp_servers", "a"],
    text: 'mcp_servers = { a = { command = "x" }, b = { command = "y" } }\n',
    left: 'mcp_servers = { b = { command = "y" } }\n',
  },
  {
    what: "a group of hooks",
    path: ["hooks", "Stop", 0],
    text: '[[hooks.Stop]]\nmatcher = "a"\n[[hooks.Stop.hooks]]\ncommand = "x"\n\n[[hooks.Stop]]\nmatcher = "b"\n[[hooks.Stop.hooks]]\ncommand = "y"\n',
    left: '[[hooks.Stop]]\nmatcher = "b"\n[[hooks.Stop.hooks]]\ncommand = "y"\n',
  },
  {
    what: "one of the hooks of a group",
    path: ["hooks", "Stop", 0, "hooks", 1],
    text: '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = "x"\n# second\n[[hooks.Stop.hooks]]\ncommand = "y"\n',
    left: '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = "x"\n# second\n',
  },
  {
    what: "an item of a list over lines",
    path: ["hooks", "Stop", 1],
    text: '[hooks]\nStop = [\n  { command = "x" }, # first\n  { command = "y" }, # second\n  { command = "z" } # third\n]\n',
    left: '[hooks]\nStop = [\n  { command = "x" }, # first\n   # second\n  { command = "z" } # third\n]\n',
  },
  {
    what: "the last item of a list over lines",
    path: ["hooks", "Stop", 1],
    text: '[hooks]\nStop = [\n  { command = "x" }, # first\n  { command = "y" }\n]\n',
    left: '[hooks]\nStop = [\n  { command = "x" } # first\n]\n',
  },
  {
    what: "the last line of a file without a line end",
    path: ["mcp_servers", "a"],
    text: 'model = "m"\n[mcp_servers]\na = { command = "x" }',
    left: 'model = "m"\n[mcp_servers]\n',
  },
  {
    what: "a name that would reach the prototype",
    path: ["mcp_servers", "__proto__"],
    text: '[mcp_servers.__proto__]\ncommand = "x"\n[mcp_servers.b]\ncommand = "y"\n',
    left: '[mcp_servers.b]\ncommand = "y"\n',
  },
];

describe("taking an entry out of a TOML file", () => {
  test.each(CASES)("$what", async ({ path, text, left }) => {
    expect(await withoutTomlEntry(text, path, "config.toml")).toBe(left);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each([
    [["mcp_servers", "none"], '[mcp_servers.a]\ncommand = "x"\n', "cannot be cut out"],
    [["a"], "a = [", "is not valid TOML"],
  ])("%j is refused where it cannot be done", async (path, text, words) => {
    await expect(withoutTomlEntry(text, path, "config.toml")).rejects.toThrow(words);
  });
});
