import { expect, it } from "vitest";
import { validateCatalog } from "../../schemas/marketplace.ts";

const entry = { name: "x", source: "./x", description: "d", version: "1.0.0" };
const errorsOf = (over: object): readonly string[] =>
  validateCatalog(JSON.stringify({ name: "m", owner: { name: "o" }, description: "d", plugins: [entry], ...over }), {
    file: "m.json",
  })
    .filter(({ severity }) => severity === "error")
    .map(({ code }) => code);

it.each([
  ["claude-plugins", true],
  ["claude.plugins", true],
  ["claudemarketplace-x", true],
  ["anthropic-directory", true],
  ["my-official-claude", true],
  ["unofficial-claude", true],
  ["claude-plugin-test", true],
  ["claude-plugins-official", false],
  ["foo-claude-plugins", false],
  ["claude-code-marketplaces", false],
  ["claude-x-official", false],
  ["anthropic-skills", false],
])("the marketplace name `%s` is an imitation: %s", (name, isImitation) => {
  expect(errorsOf({ name })).toStrictEqual(isImitation ? ["E_NAME"] : []);
});

it.each<[string, object, readonly string[]]>([
  ["a source without `./`", { source: "x" }, ["W_SOURCE_PLAIN_PATH"]],
  ["a source of an unknown kind", { source: { source: "zip" } }, ["W_SOURCE_UNSUPPORTED"]],
  ["a source of a kind of ours", { source: { source: "git", url: "https://x.y/z.git" } }, ["E_SCHEMA"]],
  [
    "an archive of this machine",
    { source: { source: "archive", url: "https://127.0.0.1/x.zip" } },
    ["E_SOURCE_INVALID"],
  ],
  ["a command with an unknown mode", { source: { source: "command", command: "x", mode: "y" } }, ["E_SCHEMA"]],
  ["a command that may take an hour", { source: { source: "command", command: "x", timeout: 3600 } }, ["E_SCHEMA"]],
  ["a command in full", { source: { source: "command", command: "x", mode: "link", timeout: 600 } }, []],
  ["a path without `./`", { skills: ["s"] }, ["E_SCHEMA"]],
  ["the root as skills", { skills: "." }, []],
  ["agents in a folder", { agents: "./a" }, ["E_SCHEMA"]],
  ["an unknown hook event", { hooks: { Nope: [] } }, ["E_SCHEMA"]],
  ["a hook that nobody can run", { hooks: { Stop: [{ hooks: "x" }] } }, []],
  ["a server without command", { mcpServers: { a: {} } }, ["E_SCHEMA"]],
  ["a bundle of servers", { mcpServers: "./a.mcpb" }, []],
  ["an option without a type", { userConfig: { k: { title: "t", description: "d" } } }, ["E_SCHEMA"]],
  ["an author without a name", { author: { email: "a@b.c" } }, ["E_SCHEMA"]],
  ["a repository that is an object", { repository: { url: "x" } }, ["E_SCHEMA"]],
  ["relevance without signals", { relevance: { topic: "x" } }, ["E_SCHEMA"]],
  [
    "relevance with a broken pattern",
    { relevance: { signals: { manifestDeps: [{ file: "x", pattern: "(" }] } } },
    ["E_SCHEMA"],
  ],
  ["relevance", { relevance: { topic: "x", signals: { cwd: ["*"] } } }, []],
  ["headers that are numbers", { headers: { a: 1 } }, ["E_SCHEMA"]],
])("an entry with %s is judged", (_, over, codes) => {
  expect(errorsOf({ plugins: [{ ...entry, ...over }] })).toStrictEqual(codes);
});

it.each<[string, object, readonly string[]]>([
  ["a bare source below a root", { metadata: { pluginRoot: "./" }, plugins: [{ ...entry, source: "x" }] }, []],
  ["a schema that is no text", { $schema: [] }, ["E_SCHEMA"]],
  ["an owner with a number as address", { owner: { name: "o", email: 1 } }, ["E_SCHEMA"]],
])("a catalog with %s is judged", (_, over, codes) => {
  expect(errorsOf(over)).toStrictEqual(codes);
});
