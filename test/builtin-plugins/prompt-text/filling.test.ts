import { describe, expect, it } from "vitest";
import { argumentValues, fillArguments } from "../../../builtin-plugins/prompt-text/arguments.ts";
import { mentionsOf } from "../../../builtin-plugins/prompt-text/attachments.ts";
import { bodyOf } from "../../../builtin-plugins/prompt-text/document.ts";
import { segmentsOf } from "../../../builtin-plugins/prompt-text/segments.ts";
import { shellWords } from "../../../builtin-plugins/prompt-text/words.ts";
import { injectionsOf } from "../../../schemas/formats/components/document.ts";
import { splitFrontMatter } from "../../../schemas/frontmatter-split.ts";

describe("words of arguments", () => {
  const cases = [
    { text: "  a  b ", words: ["a", "b"] },
    { text: `"a b" 'c d' e\\ f`, words: ["a b", "c d", "e f"] },
    { text: `a"b c"d ""`, words: ["ab cd", ""] },
    { text: `"say \\"hi\\""`, words: ['say "hi"'] },
    { text: "it's broken", words: ["it's", "broken"] },
    { text: "", words: [] },
  ];
  it.each(cases)("are cut as a shell does: $text", ({ text, words }) => {
    expect(shellWords(text)).toEqual(words);
  });
});

describe("tokens of a text", () => {
  const cases: readonly { body: string; args?: string; names?: string[]; text: string; used?: boolean }[] = [
    { body: "do $ARGUMENTS now", args: 'a "b c"', text: 'do a "b c" now' },
    { body: "$0-$1", args: "a b", text: "a-b" },
    { body: "$ARGUMENTS[1] $1", args: "a b", text: "b b" },
    { body: "$0 $3", args: "a", text: "a $3" },
    { body: "$1 then $2", args: "a 'b c'", text: "a then b c" },
    { body: "$1 is not \\$1", args: "a", text: "a is not $1" },
    { body: "\\$0 \\\\$0 $0", args: "a", text: "$0 \\\\a a" },
    { body: "$issue by $author.", args: "12", names: ["issue", "author"], text: "12 by ." },
    { body: "$issue-id $issue", args: "1 2", names: ["issue", "issue-id"], text: "2 1" },
    { body: "$0", args: "'$1 $ARGUMENTS'", text: "$1 $ARGUMENTS" },
    { body: "costs $10", args: "a", text: "costs $10", used: false },
    { body: "$ARGUMENTSX $1x", args: "a", text: "$ARGUMENTSX $1x", used: false },
    {
      body: "key ${user_config.city} ${user_config.none}",
      args: "a",
      text: "key Rome ${user_config.none}",
      used: false,
    },
    { body: "$0", args: "${user_config.city}", text: "${user_config.city}" },
  ];
  it.each(cases)("are replaced once: $body", ({ body, args = "", names = [], text, used = true }) => {
    const option = (key: string): string | undefined => (key === "city" ? "Rome" : undefined);
    expect(fillArguments(body, argumentValues(body, args, names, option))).toEqual({ text, used });
  });
});

describe("commands of a text", () => {
  const bodies = [
    "run !`git status` and !`date`",
    "!`first`",
    "no!`command` here",
    "a\n```!\nls\npwd\n```\nb",
    "> quoted\n> ```!\n> ls\n> ```",
    "- ```! ls```",
    "open\n```!\nls",
    "```!\necho !`inner`\n```",
    "plain",
  ];
  it.each(bodies)("are those that consent shows: %j", (body) => {
    const commands = segmentsOf(body).flatMap(({ kind, text }) => (kind === "command" ? [text] : []));
    const shown = injectionsOf(body);
    expect(shown).toEqual(expect.arrayContaining(commands));
    expect(commands).toEqual(shown.filter((command) => command !== "inner"));
  });

  it("leave the words around them as they are", () => {
    expect(segmentsOf("a !`b` c")).toEqual([
      { kind: "text", text: "a " },
      { kind: "command", text: "b" },
      { kind: "text", text: " c" },
    ]);
  });
});

describe("the body of a document", () => {
  const documents = [
    "---\nname: x\n---\nbody\n",
    "\uFEFF---\r\nname: x\r\n---  \r\nbody",
    "---yaml\na: b\n---\nbody",
    "---js\nprocess.exit()\n---\nbody",
    "--- not a fence\n---\nbody",
    "---\nnever closed",
    "---",
    "---\n---\nx",
    "no front matter\n---\nx",
    "---\na: |\n  ---x\n----\n---\nbody",
  ];
  it.each(documents)("begins where the readers say: %j", (document) => {
    expect(bodyOf(document)).toBe(splitFrontMatter(document).body);
  });
});

it("finds the files that a text mentions, each once", () => {
  expect(mentionsOf('see @a/b.ts, @"c d.md" and @a/b.ts. mail a@b.c `@x` (@y)')).toEqual(["a/b.ts", "c d.md"]);
});
