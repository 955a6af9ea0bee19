// What `npm run demo` answers in place of a model: it reads the request and decides, as a model does.

/** The texts of one message. */
const textOf = ({ content }) => content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");

/** Every result so far, by the tool that gave it, in the order of the calls. */
function resultsOf(messages) {
  const names = new Map();
  const results = [];
  for (const { content } of messages) {
    for (const block of content) {
      if (block.type === "tool_use") names.set(block.id, block.name);
      if (block.type === "tool_result") results.push({ tool: names.get(block.tool_use_id), text: textOf(block) });
    }
  }
  return results;
}

const FIRST = { text: "I read the page.", calls: [{ name: "Read", input: { file_path: "docs/page.md" } }] };

const SECOND = {
  text: "I try everything that the plugins brought.",
  calls: [
    { name: "Skill", input: { skill: "word-count:plain-words" } },
    { name: "WordCount", input: { text: "Install. One long page. It says too much." } },
    { name: "mcp__plugin_git-facts_git-facts__newest_tags", input: { count: 1 } },
    { name: "Write", input: { file_path: "bundle.js", content: "let x = 1;\n" } },
    { name: "Write", input: { file_path: "data.json", content: '{"a": 1,}\n' } },
  ],
};

export default function answer({ messages }) {
  const results = resultsOf(messages);
  if (results.length === 0) return FIRST;
  const told = messages.filter(({ role }) => role === "user").map(textOf);
  if (results.length === 1) {
    const isOpen = told.at(-1).includes("word-count:plain-words") && !told[0].includes("word-count:plain-words");
    return isOpen ? SECOND : "the page did not open the skill";
  }
  const of = (tool) => results.filter((result) => result.tool === tool).map(({ text }) => text.trim().split("\n")[0]);
  return [
    `the command says: ${told[0].trim().split("\n")[0]}`,
    `the page opened a skill: ${of("Skill")[0]}`,
    `the code tool counted: ${of("WordCount")[0]}`,
    `the MCP tool named: ${of(SECOND.calls[2].name)[0]}`,
    `the hook answered: ${of("Write")[0]}`,
    `the language server found: ${
      told
        .at(-1)
        .split("\n")
        .find((line) => line.includes("data.json:")) ?? "nothing"
    }`,
  ].join("\n");
}
