import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findCommand, parseArguments } from "../../cli/command-line.ts";
import { programHelp } from "../../cli/help.ts";
import { renderMarks } from "../../cli/print/style.ts";
import { VERBS, type VerbEntry } from "../../cli/verb-table.ts";
import { readSources } from "../support/import-graph.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const guides = readdirSync(`${root}docs/guides`).map((name) => `docs/guides/${name}`);
const PAGES = ["README.md", "docs/security-model.md", "docs/examples/marketplace/README.md", ...guides];

/** Words as a shell would split them; comments and what follows `&&`, `|` or `>` are cut off. */
function shellWords(line: string): readonly string[] {
  const words = line.match(/'[^']*'|"[^"]*"|[^\s'"]+/gu) ?? [];
  const end = words.findIndex((word) => /^(?:#.*|&&|\||>|\.\.\.)$/u.test(word));
  return (end < 0 ? words : words.slice(0, end)).map((word) => word.replace(/^(['"])(.*)\1$/u, "$2"));
}

/** Every command line of a page, in blocks and in running text. */
function commandsOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(sh|console)\n(.*?)^```/gmsu)].flatMap(([, kind, body = ""]) => {
    const lines = body.split("\n");
    // What has no prompt in a transcript is output.
    const typed = kind === "sh" ? lines : lines.flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : []));
    return typed.flatMap((line) => line.split("&&")).map((line) => line.trim());
  });
  const inline = [...text.replaceAll(/^```.*?^```/gmsu, "").matchAll(/`(plugin [^`]+)`/gu)].map(
    ([, line = ""]) => line,
  );
  return [...blocks, ...inline].filter((line) => line.startsWith("plugin "));
}

/** Throws what the program would throw for a command line that it does not understand. */
async function understand(line: string): Promise<void> {
  const { entry, path, rest } = findCommand(shellWords(line).slice(1));
  if (entry?.load === undefined) return void parseArguments(rest, [], [], "plugin");
  const { verb } = await entry.load();
  // In running text a verb is often named alone.
  const positionals =
    rest.length === 0 ? verb.positionals.map((one) => ({ ...one, required: false })) : verb.positionals;
  parseArguments(rest, verb.flags, positionals, `plugin ${path}`);
}

const leaves = (entry: VerbEntry): readonly VerbEntry[] => entry.verbs?.flatMap(leaves) ?? [entry];

describe("commands that are written down", () => {
  it.each(PAGES)("in %s are understood", async (page) => {
    const commands = commandsOf(readFileSync(root + page, "utf8"));
    if (page === "README.md" || guides.includes(page)) expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) await understand(command);
  });

  it("as examples of help are understood", async () => {
    const verbs = await Promise.all(VERBS.flatMap(leaves).map(async (entry) => (await entry.load?.())?.verb));
    const examples = verbs.flatMap((verb) => verb?.examples ?? []);
    expect(examples.length).toBeGreaterThan(VERBS.length);
    for (const example of examples) await understand(example);
  });

  it("in messages and hints name verbs that exist", () => {
    const named = [...readSources(root)]
      .filter(([path]) => /^(?:cli|core|marketplace|schemas)\//u.test(path))
      .flatMap(([path, text]) =>
        [...text.matchAll(/`plugin ([a-z]+)(?: ([a-z]+))?/gu)].map(([, verb = "", second = ""]) => ({
          path,
          verb,
          second,
        })),
      );
    expect(named.length).toBeGreaterThan(30);
    const unknown = named.filter(({ verb, second }) => {
      const entry = VERBS.find(({ name, aliases = [] }) => name === verb || aliases.includes(verb));
      if (entry === undefined) return !["help", "name", "setting"].includes(verb);
      return second !== "" && second !== "help" && entry.verbs?.every(({ name }) => name !== second) === true;
    });
    expect(unknown).toEqual([]);
  });

  it("name every verb in the list of the program's help", () => {
    const help = programHelp().map((line) => renderMarks(line, false));
    for (const { name } of VERBS) expect(help.some((line) => line.startsWith(`  ${name}`))).toBe(true);
  });
});
