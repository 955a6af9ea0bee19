import fs, { fstatSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { describe, expect, it } from "vitest";
import type { ContentBlock, Session } from "../../../plugin-api/index.ts";
import { servedHost, sessionHost } from "../../support/session-host.ts";
import { toolPlugin } from "../../support/tool-plugin.ts";

/** Sees how long the file was at each `fdatasync`; the call itself is made. */
function watchSyncs(): { readonly sizes: readonly number[] } & Disposable {
  const sizes: number[] = [];
  const { fdatasyncSync } = fs;
  const replace = (sync: typeof fdatasyncSync): void => {
    fs.fdatasyncSync = sync;
    syncBuiltinESMExports();
  };
  replace((descriptor) => {
    fdatasyncSync(descriptor);
    sizes.push(fstatSync(descriptor).size);
  });
  return { sizes, [Symbol.dispose]: () => replace(fdatasyncSync) };
}

const text = (value: string): ContentBlock => ({ type: "text", text: value });
const call: ContentBlock = { type: "tool_use", id: "c1", name: "Look", input: {} };
const result: ContentBlock = { type: "tool_result", tool_use_id: "c1", content: [text("seen")] };
const sizeOf = ({ transcriptPath = "" }: Session): number => fs.statSync(transcriptPath).size;

describe("a power failure", () => {
  it("takes nothing of a turn whose answer was appended", async () => {
    await using test = await sessionHost({ builtins: [] });
    const session = await test.open();
    using watched = watchSyncs();
    session.append({ role: "user", content: [text("go")] });
    session.append({ role: "assistant", content: [call] });
    session.append({ role: "user", content: [result] });
    expect(watched.sizes).toEqual([]);
    session.append({ role: "assistant", content: [text("done")] });
    expect(watched.sizes).toEqual([sizeOf(session)]);
  });

  it.each([
    { ending: "an answer", maxTurns: 9, reason: "done" },
    { ending: "a limit in the middle", maxTurns: 2, reason: "max-turns" },
  ])("takes nothing of a turn that ended with $ending", async ({ maxTurns, reason }) => {
    await using test = await servedHost(
      (_, request) => (request < 4 ? { calls: [{ name: "Look", input: {} }] } : { text: "done" }),
      { plugins: [toolPlugin({ name: "Look" })] },
    );
    const session = await test.open();
    using watched = watchSyncs();
    expect((await test.turn(session, "go", { maxTurns })).result.reason).toBe(reason);
    expect(watched.sizes).toEqual([sizeOf(session)]);
  });

  it("takes nothing of a closed session", async () => {
    await using test = await sessionHost({ builtins: [] });
    const session = await test.open();
    session.note("skills", { latched: ["a"] });
    using watched = watchSyncs();
    await session.close();
    expect(watched.sizes).toEqual([sizeOf(session)]);
  });
});
