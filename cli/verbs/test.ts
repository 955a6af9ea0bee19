import type { Verb } from "../verb.ts";

/** `plugin test`. */
export const verb: Verb = {
  name: "test",
  summary: "run the test cases of a plugin you write",
  positionals: [{ name: "dir" }],
  flags: [
    { name: "filter", value: "name", summary: "only cases with this in their name" },
    { name: "model", value: "model", summary: "a real model answers where a case brings no script" },
    { name: "routing", summary: "only the declared prompts, of everything installed together" },
    { name: "junit", value: "file", summary: "also write JUnit XML" },
    { name: "trust-workspace", summary: "trust the folder of the plugin for this run" },
  ],
  about: [
    "Cases are in `tests/*.yaml`: a conversation, a command, a hook or a tool, and what to expect. Each runs in a session of its own with an empty home and project, on a scripted model, without a network. Exit 1 when one fails.",
    "Prompts under `routing` are held against the skills of all installed plugins, by the words that they share.",
  ],
  examples: ["plugin test", "plugin test ./my-plugin --filter greet --junit report.xml", "plugin test --routing"],
  run: async (context, args) => {
    // A host is needed, which the engine does not have.
    const { testPlugins } = await import("../session/entry.ts");
    return testPlugins(context, args);
  },
};
