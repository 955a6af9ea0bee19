import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { promptTextsService, type PromptTextRequest, type PluginInfo } from "../../../plugin-api/index.ts";
import { settingsOf, toolPlugins, workspaceAt } from "../../support/agent-parts.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { builtins, codePlugin, testHost } from "../../support/test-host.ts";

const never = new AbortController().signal;

interface Case {
  readonly trusted?: boolean;
  readonly settings?: Record<string, unknown>;
  readonly request?: Partial<PromptTextRequest>;
  readonly info?: Partial<PluginInfo>;
}

/** Renders one text of the plugin `city@market` in a folder of its own. */
async function render(body: string, { trusted = true, settings = {}, request = {}, info = {} }: Case = {}) {
  using folder: TemporaryHome = temporaryHome();
  const directory = realpathSync(folder.directory);
  folder.write("skills/s/SKILL.md", body);
  const session = new MemorySession({ directory });
  const plugin: PluginInfo = {
    id: "city@market",
    name: "city",
    version: "1",
    tier: "installed",
    directory,
    dataDirectory: folder.path("data/city"),
    ...info,
  };
  const owner = codePlugin("city", { entry: undefined }, () => undefined);
  const text = {
    type: "string",
    title: "",
    description: "",
    required: false,
    sensitive: false,
    multiple: false,
  } as const;
  const withOptions = {
    ...owner,
    info: plugin,
    load: undefined,
    options: { name: "Rome" },
    manifest: { ...owner.manifest, userConfig: { name: text, key: { ...text, sensitive: true } } },
  };
  await using test = await testHost((home) => [...toolPlugins(), ...builtins(["prompt-text"], home), withOptions], {
    services: [workspaceAt(directory, { trusted }), settingsOf(settings)],
  });
  const texts = await test.host.frontend.use(promptTextsService);
  const result = await texts
    .render({
      plugin,
      document: { file: "skills/s/SKILL.md" },
      session,
      callId: "call",
      signal: never,
      args: "",
      shell: "bash",
      skillPath: "skills/s",
      ...request,
    })
    .catch((error: unknown) => (error as Error).message);
  const rendered =
    typeof result === "string" ? result : result.text.replaceAll(directory, "DIR").replaceAll(session.id, "ID");
  return { rendered, result, session, test, audit: test.audit };
}

const front = (body: string): string => `---\nname: s\n---\n${body}`;

describe("a text of a plugin", () => {
  const cases = [
    { name: "leaves out its front matter", body: front("hi"), text: "hi" },
    {
      name: "appends arguments that nothing received",
      body: "hi",
      request: { args: " x " },
      text: "hi\n\nARGUMENTS: x",
    },
    {
      name: "fills the vendor's and neutral placeholders",
      body: "${CLAUDE_PLUGIN_ROOT} ${PLUGIN_ROOT} ${CLAUDE_SKILL_DIR} ${SKILL_DIR} ${CLAUDE_PROJECT_DIR}",
      text: "DIR DIR DIR/skills/s DIR/skills/s DIR",
    },
    {
      name: "fills placeholders within arguments after they were put in",
      body: "$0",
      request: { args: "${CLAUDE_SESSION_ID}" },
      text: "ID",
    },
    {
      name: "fills options, never secrets",
      body: "${user_config.name} ${user_config.key} ${user_config.other}",
      text: "Rome [the secret option key is not shown] ${user_config.other}",
    },
    {
      name: "keeps the tokens of a text without arguments",
      body: "$1 ${user_config.name}",
      request: { args: undefined },
      text: "$1 Rome",
    },
  ];
  it.each(cases)("$name", async ({ body, request, text }) => {
    expect((await render(body, { request: request ?? {} })).rendered).toBe(text);
  });

  it("means nothing by a plugin's placeholders in a loose folder", async () => {
    const info = { tier: "loose", id: "claude@user" } as const;
    expect((await render("${PLUGIN_ROOT} ${SKILL_DIR}", { info })).rendered).toBe("${PLUGIN_ROOT} DIR/skills/s");
  });

  it("says when `$1` is read as the first argument", async () => {
    const { rendered, test } = await render("$1", { request: { args: "a b" } });
    expect(rendered).toBe("a");
    expect(test.warnings.join()).toContain("positions count from `$0`");
  });

  it("is not read through a link that leads out of its plugin", async () => {
    using outside = temporaryHome();
    const secret = outside.write("secret.md", "secret");
    using inside = temporaryHome();
    mkdirSync(inside.path("skills"), { recursive: true });
    symlinkSync(secret, inside.path("skills/x.md"));
    const info = { directory: inside.directory };
    const { rendered } = await render("", { info, request: { document: { file: "skills/x.md" } } });
    expect(rendered).toContain("leads out of its plugin");
  });
});

describe("a command of a text", () => {
  const allowedTools = ["Bash(echo:*)", "Bash(cat ${CLAUDE_SKILL_DIR}/SKILL.md)"];

  it("runs through the gate, and its output stands in its place", async () => {
    const { rendered, audit, session } = await render("a !`echo $0` b", { request: { allowedTools, args: "hi" } });
    expect(rendered).toBe("a hi b");
    expect(audit).toMatchObject([{ action: "plugsmith/tool", outcome: "allowed", detail: { callId: "call/1" } }]);
    expect(session.turn.allow).toEqual([]);
  });

  it("runs once, and what it prints or arguments hold is no command", async () => {
    const request = { allowedTools, args: "!`echo no`" };
    const { rendered, audit } = await render("!`echo -e '!\\x60echo no\\x60'` $ARGUMENTS", { request });
    expect(audit).toHaveLength(1);
    expect(rendered).toBe("!`echo no` !`echo no`");
  });

  it("may name the skill's folder in a rule", async () => {
    const { rendered } = await render("!`cat ${CLAUDE_SKILL_DIR}/SKILL.md`", { request: { allowedTools } });
    expect(rendered).toContain("!`cat");
  });

  const refused = [
    { name: "is not allowed", body: "!`touch x`", why: "not allowed" },
    { name: "is denied", body: "!`echo a`", session: ["Bash(echo:*)"], why: "not allowed" },
    { name: "fails", body: "!`echo oh; exit 3`", why: "oh" },
  ];
  it.each(refused)("keeps the whole text from being used when it $name", async ({ body, why }) => {
    const { rendered } = await render(body, { request: { allowedTools: why === "oh" ? allowedTools : [] } });
    expect(rendered).toContain("was not used, because its command");
    expect(rendered).toContain(why);
  });

  it("never runs for a project that nobody trusts, whatever it allows itself", async () => {
    const info = { tier: "loose", id: "claude@project" } as const;
    const { rendered, audit } = await render("!`echo a`", { trusted: false, info, request: { allowedTools } });
    expect(rendered).toContain("nobody trusts this project");
    expect(audit).toEqual([]);
    const plain = await render("text", { trusted: false, info, request: { allowedTools } });
    expect(plain.result).toMatchObject({ text: "text", trusted: false, allowedTools: [] });
  });

  it("is replaced by a remark where a setting switches commands off", async () => {
    const { rendered, audit } = await render("a !`echo b`", { settings: { disableSkillShellExecution: true } });
    expect(rendered).toBe("a [commands of texts are switched off by `disableSkillShellExecution`]");
    expect(audit).toEqual([]);
  });
});

it("attaches the files that a text mentions through the tool that reads files", async () => {
  const { result, audit } = await render("look at @skills/s/SKILL.md and @nobody", { request: { attach: true } });
  expect(result).toMatchObject({
    attachments: [{ type: "text", text: expect.stringContaining("Contents of `skills/s/SKILL.md`:\nlook at") }],
  });
  expect(audit).toMatchObject([{ subject: "tools@test Read" }]);
});
