import { sessionHost } from "../../support/session-host.ts";

/** Appends messages to a session of the home that is named, and says so, until it is killed. */
const [directory = ""] = process.argv.slice(2);
const path = (...parts: readonly string[]): string => [directory, ...parts].join("/");
const home = { directory, path, write: () => "", [Symbol.dispose]: () => undefined };
const test = await sessionHost({ builtins: [], home });
const session = await test.open();
process.stdout.write(`${session.id}\n`);
for (let turn = 1; ; turn += 1) {
  session.append({ role: "user", content: [{ type: "text", text: `prompt ${String(turn)}` }] });
  session.append({
    role: "assistant",
    content: [{ type: "tool_use", id: `call-${String(turn)}`, name: "X", input: {} }],
  });
  session.append({
    role: "user",
    content: [
      {
        type: "tool_result",
        tool_use_id: `call-${String(turn)}`,
        content: [{ type: "text", text: "x".repeat(5_000) }],
      },
    ],
  });
  session.append({ role: "assistant", content: [{ type: "text", text: "ok" }] });
  // Only what was appended is told, so that the parent can ask for it.
  process.stdout.write(`${String(turn)}\n`);
}
