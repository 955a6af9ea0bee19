import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentHere, pluginHere } from "../../support/in-process.ts";
import { marketFiles } from "../../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { canary } from "../../support/canary.ts";

const CANARY = canary();
const option = (type: string, more: object = {}) => ({ type, title: `The ${type}`, description: "d", ...more });
const USER_CONFIG = {
  folder: option("directory", { required: true }),
  token: option("string", { sensitive: true, required: true }),
  style: option("string", { options: ["short", "long"], default: "short" }),
  tags: option("string", { multiple: true }),
  depth: option("number", { min: 1, max: 9 }),
  sync: option("boolean"),
};

let place: TemporaryHome;
const at = (env: Readonly<Record<string, string>> = {}) => ({ home: place.path("home"), cwd: place.directory, env });
const run = (words: readonly string[], env?: Readonly<Record<string, string>>) => pluginHere(words, at(env));
const config = (line: string, env?: Readonly<Record<string, string>>) => run(["config", ...line.split(" ")], env);
const document = (line: string, env?: Readonly<Record<string, string>>) =>
  documentHere(["config", ...line.split(" ")], at(env));
const settingsFile = () => place.path("home/settings.json");
/** A program of the person keeps secrets: here a file an entry. */
const VAULT =
  'f="$VAULT/$(printf %s "$2" | tr / _)"; case $1 in get) cat "$f" 2>/dev/null;; set) cat > "$f";; delete) rm "$f";; esac';

function chooseVault(): void {
  const words = (action: string) => ["sh", "-c", VAULT, "vault", action, "{entry}"];
  const command = { get: words("get"), set: words("set"), delete: words("delete"), notFound: [1] };
  const text = `// mine\n${JSON.stringify({ secrets: { backend: "command", command } }, null, 2)}\n`;
  place.write("home/settings.json", text);
}

beforeAll(async () => {
  place = temporaryHome();
  const plugins = {
    notes: { version: "1.0.0", manifest: { userConfig: USER_CONFIG } },
    plain: { version: "1.0.0" },
    chat: {
      version: "1.0.0",
      manifest: {
        mcpServers: { bot: { command: "true", env: { ROOM: "${user_config.room}", TOKEN: "${user_config.token}" } } },
        channels: [{ server: "bot", userConfig: { room: option("string"), token: USER_CONFIG.token } }],
      },
    },
  };
  for (const [path, text] of Object.entries(marketFiles({ name: "acme", plugins }))) place.write(`acme/${path}`, text);
  place.write("home/vault/.keep", "");
  chooseVault();
  await run(["marketplace", "add", place.path("acme")]);
}, 120_000);
afterAll(() => place[Symbol.dispose]());

const vault = () => ({ VAULT: place.path("home/vault") });

it("a plugin is added with the commands for what it needs, where nobody can be asked", async () => {
  expect(await documentHere(["add", "plain@acme"], at())).not.toHaveProperty("unsetOptions");
  const added = await documentHere(["add", "notes@acme"], at(vault()));
  expect(added).toMatchObject({
    exit: 0,
    unsetOptions: [
      { plugin: "notes@acme", key: "folder", sensitive: false, command: "plugin config set notes@acme folder VALUE" },
      { plugin: "notes@acme", key: "token", sensitive: true, command: "plugin config set notes@acme token" },
    ],
  });
});

it("options of a channel are set and kept under the name of its server", async () => {
  const asked = await run(["add", "chat@acme"], vault());
  const digest = /sha256-[0-9a-f]{64}/u.exec(asked.text)?.[0] ?? asked.text;
  expect(await documentHere(["add", "chat@acme", "--accept", digest], at(vault()))).toMatchObject({
    exit: 0,
    unsetOptions: [{ key: "bot.token", sensitive: true, command: "plugin config set chat@acme bot.token" }],
  });
  expect(await document("set chat bot.room lobby")).toMatchObject({ set: [{ key: "bot.room", to: settingsFile() }] });
  expect(readFileSync(settingsFile(), "utf8")).toMatch(/"mcpServers":\s*\{\s*"bot":\s*\{\s*"room": "lobby"/u);
  expect(await document("set chat bot.token --from-env T", { ...vault(), T: "t" })).toMatchObject({ exit: 0 });
  const { options } = await document("list chat", vault());
  expect(options).toMatchObject([
    { key: "bot.room", state: "set", value: "lobby" },
    { key: "bot.token", state: "set", from: "command", sensitive: true },
  ]);
});

describe("setting an option", () => {
  const good: readonly (readonly [line: string, key: string, value: unknown])[] = [
    ["set notes style long", "style", "long"],
    ["set notes@acme style=short", "style", "short"],
    ["set notes tags a b", "tags", ["a", "b"]],
    ["set notes depth 3", "depth", 3],
    ["set notes sync off", "sync", false],
    ["set notes depth --from-env DEPTH", "depth", 4],
  ];
  it.each(good)("%s", async (line, key, value) => {
    const set = await document(line, { DEPTH: "4" });
    expect(set).toMatchObject({ exit: 0, outcome: "done", set: [{ key, to: settingsFile() }] });
    expect(await document(`get notes ${key}`)).toMatchObject({ exit: 0, state: "set", from: settingsFile(), value });
    expect(readFileSync(settingsFile(), "utf8")).toMatch(/^\/\/ mine\n/u);
    place.write("home/settings.json", readFileSync(settingsFile(), "utf8"));
  });

  it("makes paths absolute, and says when there is nothing yet", async () => {
    const { exit, text } = await config("set notes folder sub");
    expect([exit, text]).toEqual([0, expect.stringContaining("does not exist yet")]);
    expect((await config("get notes folder")).text).toBe(place.path("sub"));
  });

  const wrong: readonly (readonly [line: string, exit: number, said: readonly string[]])[] = [
    ["set notes style middle", 1, ["must be one of `short`, `long`, not `middle`"]],
    ["set notes depth 33", 1, ["must be at most 9"]],
    ["set notes sync perhaps", 1, ["must be `true` or `false`"]],
    ["set notes style=", 1, ["must be one of"]],
    ["set notes depht 3", 1, ["no option `depht`", "did you mean `depth`?"]],
    ["set nots depth 3", 1, ["`nots` is not installed", "did you mean `notes`?"]],
    ["set model-anthropic maxRetries 3", 1, ["did you mean `model-anthropic@builtin`?"]],
    ["set model-antropic@builtin maxRetries 3", 1, ["did you mean `model-anthropic@builtin`?"]],
    ["set plain x 3", 1, ["it has none"]],
    ["set plain", 1, ["has no options"]],
    ["set notes", 2, ["nobody can be asked", "name the option: `depth`"]],
    ["set notes depth", 2, ["nobody can be asked", "--from-env NAME"]],
    ["set notes depth 3 --from-env X", 2, ["given twice"]],
    ["set notes depth --from-env UNSET", 2, ["`UNSET` is not set"]],
    ["set notes token --from-keytar app", 2, ["is not the name of an entry", "SERVICE/ACCOUNT"]],
    ["set notes depth --from-keytar app/me", 2, ["`depth` is no secret", "for all to read"]],
    ["set notes token --from-keytar app/me --stdin", 2, ["given twice"]],
    ["set notes depth 3 --scope project", 2, ["no effect in files of `--scope project`"]],
    ["get notes tokn", 1, ["did you mean `token`?"]],
    ["get notes token", 1, ["is secret and is not shown", "--reveal"]],
    ["get notes token --reveal", 2, ["on a terminal only"]],
    ["get notes token --reveal --json", 2, ["on a terminal only"]],
    ["unset notes depht", 1, ["did you mean `depth`?"]],
    ["list nots", 1, ["did you mean `notes`?"]],
  ];
  it.each(wrong)("is refused as `config %s`, with exit code %i", async (line, code, said) => {
    const before = readFileSync(settingsFile(), "utf8");
    const { exit, text } = await config(line);
    expect(exit).toBe(code);
    for (const one of said) expect(text).toContain(one);
    expect(readFileSync(settingsFile(), "utf8")).toBe(before);
  });

  it("names the program that is missing where keytar's entries cannot be read", async () => {
    const missing = await config("set notes token --from-keytar app/me", { ...vault(), PATH: "/nowhere" });
    expect([missing.exit, missing.text]).toEqual([1, expect.stringContaining("hint: install it")]);
  });

  it("changes nothing in a dry run", async () => {
    const before = readFileSync(settingsFile(), "utf8");
    expect(await document("set notes depth 5 --dry-run")).toMatchObject({ exit: 0, outcome: "dry-run" });
    expect(await document("unset notes folder --dry-run")).toMatchObject({ exit: 0, outcome: "dry-run" });
    expect(readFileSync(settingsFile(), "utf8")).toBe(before);
  });

  it("is nothing that an agent may do for itself, and neither is seeing a secret", async () => {
    const session = { PLUGSMITH_SESSION: "1" };
    for (const line of ["set notes depth 2", "unset notes depth", "get notes token --reveal"]) {
      expect([line, (await config(line, session)).exit]).toEqual([line, 3]);
    }
    expect((await config("get notes folder", session)).exit).toBe(0);
  });
});

describe("SC01: a secret option", () => {
  it.each(["token=", "token "])("is not taken from the command line: `%s` and the value", async (words) => {
    const { exit, text } = await config(`set notes ${words}${CANARY}`);
    expect([exit, text.includes(CANARY)]).toEqual([2, false]);
    expect(text).toContain("--stdin");
  });

  it("lies where the person said and in no other file; lists and documents only say that it is there", async () => {
    const env = { ...vault(), TOKEN: CANARY };
    const set = await document("set notes token --from-env TOKEN", env);
    expect(set).toMatchObject({ exit: 0, set: [{ key: "token", to: "command" }] });
    const listed = await document("list notes", vault());
    expect(listed["options"]).toContainEqual(
      expect.objectContaining({ key: "token", state: "set", from: "command", sensitive: true }),
    );
    const texts = [await config("list", vault()), await config("list notes", vault()), set, listed];
    expect(JSON.stringify(texts)).not.toContain(CANARY);
    expect(JSON.stringify(texts)).toContain("(secret, set)");
    const holding = readdirSync(place.directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && readFileSync(`${entry.parentPath}/${entry.name}`, "latin1").includes(CANARY))
      .map(({ parentPath }) => parentPath);
    expect(holding).toEqual([place.path("home/vault")]);
  });

  it("is unknown, and not missing, where its place gives no answer", async () => {
    const listed = await document("list notes", { VAULT: "/dev/null", PATH: "/nowhere" });
    expect(listed["options"]).toContainEqual(expect.objectContaining({ key: "token", state: "unknown" }));
    expect(listed["diagnostics"]).toMatchObject([{ code: "E_KEYCHAIN" }]);
  });

  it("that could not be kept stands in the audit log as failed", async () => {
    const env = { ...vault(), VAULT: "/dev/null", TOKEN: CANARY };
    expect((await config("set notes token --from-env TOKEN", env)).exit).toBe(1);
    const query = ["audit", "query", "--action", "secret option set", "--limit", "2"];
    const { records } = await documentHere(query, at());
    expect(records).toMatchObject([
      { outcome: "allowed", subject: "notes@acme", detail: { name: "token" } },
      { outcome: "failed", subject: "notes@acme", detail: { name: "token", code: "E_KEYCHAIN" } },
    ]);
  });

  it("is not put into memory, which ends with the command", async () => {
    const text = readFileSync(settingsFile(), "utf8");
    place.write("home/settings.json", text.replace('"backend": "command"', '"backend": "memory"'));
    expect((await config("set notes token --from-env T", { T: "x" })).text).toContain("ends with this command");
    place.write("home/settings.json", text);
  });
});

describe("taking a value away", () => {
  it("lets the default count again, and says where there was none", async () => {
    await config("set notes style long");
    expect(await document("unset notes style")).toMatchObject({ outcome: "done", from: settingsFile() });
    expect(await document("unset notes style")).toMatchObject({ outcome: "nothing" });
    expect(await document("get notes style")).toMatchObject({ state: "default", value: "short" });
    await config("unset notes depth");
    expect(await config("get notes depth")).toMatchObject({ exit: 1, text: expect.stringContaining("has no value") });
  });

  it("also takes options that the plugin no longer has, and names another file that goes on setting one", async () => {
    const text = readFileSync(settingsFile(), "utf8");
    place.write("home/settings.json", text.replace('"options": {', '"options": { "old": 1,'));
    expect((await config("list notes", vault())).text).toContain("declares no such option");
    expect(await document("unset notes old")).toMatchObject({ outcome: "done" });
    const other = place.write(
      "home/.claude/settings.json",
      JSON.stringify({ pluginConfigs: { "notes@acme": { options: { style: "long" } } } }),
    );
    expect(await document("unset notes style")).toMatchObject({ outcome: "nothing", still: other });
    place.write("home/.claude/settings.json", "{}");
  });
});

it("SC06: options and secrets go with the last place that has their plugin, unless their data is kept", async () => {
  expect(await run(["remove", "notes", "--keep-data"], vault())).toMatchObject({ exit: 0 });
  expect(readFileSync(settingsFile(), "utf8")).toContain("pluginConfigs");
  await run(["add", "notes@acme"], vault());
  expect(await document("get notes folder")).toMatchObject({ state: "set" });
  expect(readdirSync(place.path("home/vault"))).toHaveLength(3);
  await run(["remove", "notes", "chat"], vault());
  expect(readdirSync(place.path("home/vault"))).toEqual([".keep"]);
  expect(readdirSync(place.path("home/state/secrets"))).toEqual([]);
  expect(readFileSync(settingsFile(), "utf8")).not.toContain("pluginConfigs");
  expect(existsSync(settingsFile())).toBe(true);
});
