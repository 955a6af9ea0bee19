import { existsSync, readFileSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { elicitation } from "../../../builtin-plugins/mcp-bridge/elicitation.ts";
import { removeOldFiles } from "../../../builtin-plugins/mcp-bridge/old-files.ts";
import type { Question } from "../../../plugin-api/index.ts";
import { scanImports } from "../../support/import-scanner.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const signal = new AbortController().signal;
const one = (property: object) => ({
  message: "Which?",
  requestedSchema: { type: "object", properties: { it: property } },
});

describe("a server's question to the person", () => {
  const rows = [
    {
      name: "without a field",
      params: { message: "Go on?", requestedSchema: { type: "object", properties: {} } },
      choice: "answer",
      result: { action: "accept", content: {} },
    },
    {
      name: "yes or no",
      params: one({ type: "boolean" }),
      choice: "no",
      result: { action: "accept", content: { it: false } },
    },
    {
      name: "one of several",
      params: one({ type: "string", enum: ["a", "b"] }),
      choice: "value-1",
      result: { action: "accept", content: { it: "b" } },
    },
    {
      name: "a text",
      params: one({ type: "string" }),
      choice: "answer",
      text: "hello",
      result: { action: "accept", content: { it: "hello" } },
    },
    {
      name: "a number",
      params: one({ type: "integer" }),
      choice: "answer",
      text: "7",
      result: { action: "accept", content: { it: 7 } },
    },
    {
      name: "that the person does not answer",
      params: one({ type: "string" }),
      choice: "decline",
      result: { action: "decline" },
    },
    { name: "nobody is there for", params: one({ type: "string" }), result: { action: "cancel" } },
  ];
  it.each(rows)("is put and answered: $name", async ({ params, choice, text, result }) => {
    const asked: Question[] = [];
    const person = {
      ask: async (question: Question) => {
        asked.push(question);
        return choice === undefined ? undefined : { choice, ...(text !== undefined && { text }) };
      },
    };
    expect(await elicitation(person, "MCP server `s`")(params, signal)).toEqual(result);
    expect(asked).toMatchObject([{ kind: "question", title: expect.stringContaining("MCP server `s` asks: ") }]);
  });

  const declined = [
    { name: "a long form", params: { requestedSchema: { properties: { a: {}, b: {} } } } },
    { name: "an address to open", params: { mode: "url", url: "https://example.test/" } },
    { name: "nonsense", params: 7 },
  ];
  it.each(declined)("is declined without one: $name", async ({ params }) => {
    const person = { ask: () => Promise.reject(new Error("asked")) };
    expect(await elicitation(person, "s")(params, signal)).toEqual({ action: "decline" });
  });
});

describe("the bridge", () => {
  it("loads no package before a server is started or reached", () => {
    const entry = fileURLToPath(new URL("../../../builtin-plugins/mcp-bridge/index.ts", import.meta.url));
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const { specifier, typeOnly, dynamic } of scanImports(readFileSync(file, "utf8"))) {
        if (typeOnly || dynamic) continue;
        if (specifier.startsWith(".")) visit(join(dirname(file), specifier));
        else if (!specifier.startsWith("node:")) packages.add(specifier);
      }
    };
    visit(entry);
    expect(seen.size).toBeGreaterThan(15);
    expect([...packages]).toEqual(["plugsmith/plugin-api"]);
  });

  it("throws away what is old", () => {
    using home = temporaryHome();
    const old = home.write("results/old.txt", "x");
    const fresh = home.write("results/new.txt", "x");
    utimesSync(old, new Date("2020-01-01"), new Date("2020-01-01"));
    removeOldFiles(home.path("results"), 7);
    removeOldFiles(home.path("none"), 7);
    expect(existsSync(old)).toBe(false);
    expect(readFileSync(fresh, "utf8")).toBe("x");
  });
});
