import { describe, expect, it } from "vitest";
import { memoryTree, validatePlugin } from "../../../schemas/formats/index.ts";
import { filesOf, findingsOf, readOf } from "./plugin-fixture.ts";

const option = (more: object = {}) => ({ type: "string", title: "T", description: "d", ...more });
const TOKEN = option({ sensitive: true, required: true });

/** A plugin with the option `room` and a channel `chat` with options of its own. */
function chatting(server: object, channel: object = { room: option(), token: TOKEN }, name = "chat") {
  return {
    name: "p",
    userConfig: { room: option(), colour: option() },
    mcpServers: { [name]: server, other: { command: "o", env: { A: "${user_config.room}" } } },
    channels: [{ server: name, userConfig: channel }],
  };
}

describe("the options of a channel", () => {
  const env = { A: "${user_config.room}/${user_config.token}", B: "${user_config.colour}" };
  const reading = readOf(chatting({ command: "c", args: ["${user_config.room}"], env }));

  it("are options of the plugin, named after its server", () => {
    expect(Object.keys(reading.manifest?.userConfig ?? {}).sort()).toEqual([
      "chat.room",
      "chat.token",
      "colour",
      "room",
    ]);
    expect(reading.manifest?.userConfig["chat.token"]).toMatchObject({ sensitive: true, required: true });
    expect(reading.diagnostics).toEqual([]);
  });

  it("are meant in the environment of its server and nowhere else", () => {
    const configs = (reading.manifest?.contributions ?? []).map((one) => (one.kind === "mcp" ? one.config : undefined));
    expect(configs).toMatchObject([
      {
        args: ["${user_config.room}"],
        env: { A: "${user_config.chat.room}/${user_config.chat.token}", B: "${user_config.colour}" },
      },
      { env: { A: "${user_config.room}" } },
    ]);
  });

  it.each([
    ["a server that is only called", chatting({ type: "http", url: "https://a.example" }), "no environment"],
    ["a server of an odd name", chatting({ command: "c" }, { a: option() }, "a.b"), "name that no option"],
  ])("have no effect for %s, which is said", (_what, manifest, said) => {
    const { manifest: read, diagnostics } = readOf(manifest);
    expect(Object.keys(read?.userConfig ?? {})).toEqual(["room", "colour"]);
    expect(diagnostics).toMatchObject([
      { code: "W_SETTING", file: ".claude-plugin/plugin.json", line: 1, message: expect.stringContaining(said) },
    ]);
  });

  it("are nothing where the server is absent, and nothing is said of a channel without options", () => {
    const absent = { ...chatting({ command: "c" }), channels: [{ server: "none", userConfig: { a: option() } }] };
    expect(readOf(absent).manifest?.userConfig).not.toHaveProperty("none.a");
    expect(findingsOf(readOf(chatting({ type: "http", url: "https://a.example" }, {})))).toEqual([]);
  });

  it.each([
    ["the environment of its server", { command: "c", env: { A: "${user_config.token}" } }, undefined],
    ["the arguments of its server", { command: "c", args: ["${user_config.token}"] }, "wants option `token`"],
    ["the environment of another", { command: "c", env: { A: "${user_config.other.x}" } }, "wants option `other.x`"],
  ])("may stand, says `plugin validate`, in %s", (_what, server, said) => {
    const { diagnostics } = validatePlugin(memoryTree(filesOf(chatting(server))));
    const messages = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    expect(messages).toEqual(said === undefined ? [] : [expect.stringContaining(said)]);
  });
});
