import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { reportOf } from "../../cli/print/error-report.ts";
import { promptGate } from "../../plugin-api/index.ts";
import { CodedError } from "../../schemas/errors.ts";
import { inSession, skipsKeychain } from "../core/secrets/keychain.ts";
import { readOf } from "../schemas/formats/plugin-fixture.ts";
import { hookHost } from "../support/hook-host.ts";
import { homeWithHooks, programHook } from "../support/hook-plugin.ts";
import { pluginHere } from "../support/in-process.ts";
import { marketFiles } from "../support/plugin-files.ts";
import { registryServer } from "../support/registry-server.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { canary } from "../support/canary.ts";

const CANARY = canary();

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const VERBS_CHILD = fileURLToPath(new URL("../core/secrets/verbs-child.ts", import.meta.url));

describe.skipIf(skipsKeychain())("SC01, SC06: a secret option in the keychain", { timeout: 120_000 }, () => {
  it("of an ordinary user is in no file, command line or environment, outlives our state, and goes with its plugin", () => {
    using home = temporaryHome();
    const option = { type: "string", title: "t", description: "d", sensitive: true };
    const plugins = { notes: { version: "1.0.0", manifest: { userConfig: { token: option } } } };
    for (const [path, text] of Object.entries(marketFiles({ name: "acme", plugins }))) home.write(`acme/${path}`, text);
    const words = [process.execPath, "--conditions=plugsmith-source", VERBS_CHILD];
    const entry = '{"schema":1,"own":{},"option":{"token":"CANARY"}}';
    expect(JSON.parse(inSession(home, "unlocked", words, "ordinary"))).toEqual({
      isRoot: false,
      set: { exit: 0, leaks: [], seen: true, printed: false },
      kept: entry,
      files: [],
      keptWithoutUs: entry,
      listed: [expect.objectContaining({ key: "token", state: "set", from: "keychain" })],
      imported: { outcome: "done", kept: entry.replace("CANARY", "CANARY-of-app") },
      left: "",
    });
  });
});

it("SC01: a secret option reaches its hook by the environment, and stands in no command line", async () => {
  const option = { type: "string", title: "t", description: "d", sensitive: true };
  const command = `echo "$CLAUDE_PLUGIN_OPTION_TOKEN" > seen; cat /proc/[0-9]*/cmdline > lines 2> /dev/null; true`;
  using home = homeWithHooks({ UserPromptSubmit: [programHook(command)] }, { userConfig: { token: option } });
  const secrets = {
    get: async () => undefined,
    set: async () => undefined,
    delete: async () => false,
    option: async () => CANARY,
  };
  await using host = await hookHost(home, { secrets });
  await host.host.frontend.emit(promptGate, { session: host.session, prompt: "x" });
  expect(readFileSync(home.path("seen"), "utf8")).toBe(`${CANARY}\n`);
  expect(readFileSync(home.path("lines"), "latin1")).toContain("cmdline > lines");
  expect(readFileSync(home.path("lines"), "latin1")).not.toContain(CANARY);
  expect(JSON.stringify([host.audit, host.warnings])).not.toContain(CANARY);
});

describe("SC04: with --verbose, what fails", () => {
  it.each([false, true])("shows no token of npm, in URLs and headers (as JSON: %s)", async (json) => {
    using place = temporaryHome();
    await using registry = await registryServer();
    registry.demandToken("another");
    place.write("home/.npmrc", `registry=${registry.url}\n//${registry.host}/:_authToken=${CANARY}\n`);
    const plugins = { tool: { source: { source: "npm", package: "tool" } } };
    for (const [path, text] of Object.entries(marketFiles({ name: "acme", plugins: {} })))
      place.write(`acme/${path}`, text);
    const entries = Object.entries(plugins).map(([name, more]) => ({ name, ...more }));
    place.write(
      "acme/.claude-plugin/marketplace.json",
      JSON.stringify({ name: "acme", owner: { name: "o" }, plugins: entries }),
    );
    const at = { home: place.path("home"), cwd: place.directory };
    expect(await pluginHere(["marketplace", "add", place.path("acme")], at)).toMatchObject({ exit: 0 });
    const { exit, text } = await pluginHere(["add", "tool@acme", "--verbose", ...(json ? ["--json"] : [])], at);
    expect([exit, text.includes("E_AUTH"), text.includes(CANARY)]).toEqual([1, true, false]);
    // The token was sent: it is the registry that did not take it.
    expect(registry.requests.some(({ authorization }) => authorization === `Bearer ${CANARY}`)).toBe(true);
  });

  it("shows no password of an address of git", async () => {
    using place = temporaryHome();
    const at = { home: place.path("home"), cwd: place.directory };
    place.write("home/x", "");
    const words = ["marketplace", "add", `https://user:${CANARY}@127.0.0.1:9/acme/market`, "--verbose"];
    const { exit, text } = await pluginHere(words, at);
    expect([exit, text.includes(CANARY)]).toEqual([1, false]);
    expect(text).toContain("password");
    for (const file of filesBelow(place.directory)) expect(readFileSync(file, "latin1")).not.toContain(CANARY);
  });
});

it("SC05: two options of one plugin whose variables are the same are an error of its manifest", () => {
  const option = { type: "string", title: "t", description: "d" };
  const { manifest, diagnostics } = readOf({ name: "p", userConfig: { token: option, TOKEN: option } });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toMatchObject([
    { code: "E_MANIFEST", message: "options `token` and `TOKEN` have the same environment variable" },
  ]);
  expect(Object.keys(manifest?.userConfig ?? {})).toEqual(["token"]);
});

it("SC05: the placeholder of an option that another plugin has stays what it is", async () => {
  using home = homeWithHooks({
    UserPromptSubmit: [{ hooks: [{ type: "command", command: "touch", args: ["${user_config.theirs}"] }] }],
  });
  await using host = await hookHost(home);
  await host.host.frontend.emit(promptGate, { session: host.session, prompt: "x" });
  expect(readdirSync(home.directory)).toContain("${user_config.theirs}");
});

describe("SC08: a crash", () => {
  it("is reported without the secrets of the error and its causes", async () => {
    const cause = new Error(
      `GET https://user:${CANARY}@h.example/x?token=${CANARY} failed\nAuthorization: Bearer ${CANARY}`,
    );
    const shown = await reportOf(new CodedError("E_NETWORK", cause.message, { cause, data: { token: CANARY } }));
    expect(JSON.stringify(shown)).not.toContain(CANARY);
  });

  it("leaves no heap snapshot and no report of ours behind: nothing writes any", () => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const sources = ["cli", "core", "marketplace", "builtin-plugins", "plugin-api", "schemas"].flatMap((folder) =>
      filesBelow(join(root, folder)).filter((file) => file.endsWith(".ts")),
    );
    expect(sources.length).toBeGreaterThan(300);
    const writing =
      /writeHeapSnapshot|getHeapSnapshot|writeReport|--heapsnapshot|--report-|setHeapSnapshotNearHeapLimit/u;
    expect(sources.filter((file) => writing.test(readFileSync(file, "utf8")))).toEqual([]);
  });
});
