import { definePlugin, defineTool, toolPoint } from "plugsmith/plugin-api";

const wordCount = defineTool({
  name: "WordCount",
  description: "Counts the words and sentences of a text",
  inputSchema: {
    type: "object",
    properties: { text: { type: "string" } },
    required: ["text"],
    additionalProperties: false,
  },
  readOnly: true,
  run: ({ text }) => {
    const words = text.split(/\s+/u).filter((word) => word !== "").length;
    const sentences = text.split(/[.!?]+(?:\s|$)/u).filter((sentence) => sentence.trim() !== "").length;
    const mean = sentences === 0 ? 0 : Math.round(words / sentences);
    return `${words} words in ${sentences} sentences, ${mean} words a sentence`;
  },
});

export default definePlugin({
  activate(context) {
    context.contribute(toolPoint, "WordCount", wordCount);
  },
});
