import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  configurationGate,
  contextTexts,
  directoryAdded,
  directoryChanged,
  fileChanged,
  sessionEnd,
  sessionSetup,
  sessionStart,
  shellVariables,
} from "../../../plugin-api/index.ts";
import { hookHost, type HookHost } from "../../support/hook-host.ts";
import { homeWithHooks, printing, programHook } from "../../support/hook-plugin.ts";
import type { TemporaryHome } from "../../support/temporary-home.ts";

const specific = (hookEventName: string, fields: object) =>
  printing({ hookSpecificOutput: { hookEventName, ...fields } });
/** Writes the input as one line of the file `told`. */
const TELL = `(cat; echo) >> "$CLAUDE_PROJECT_DIR/told"`;

function told(home: TemporaryHome): readonly Readonly<Record<string, unknown>>[] {
  if (!existsSync(home.path("told"))) return [];
  const lines = readFileSync(home.path("told"), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

const begin = ({ host, session }: HookHost) =>
  host.frontend.emit(sessionStart, { session, source: "startup", texts: [] });
const late = async ({ host, session }: HookHost) =>
  (await host.frontend.emit(contextTexts, { session, reason: "prompt", texts: [] })).texts;

describe("FileChanged hooks", () => {
  it("hear of the files that their matchers name: that they come, change and go", async () => {
    using home = homeWithHooks({ FileChanged: [programHook(TELL, {}, ".envrc|data.csv")] });
    await using host = await hookHost(home);
    await begin(host);
    const steps = [
      { change: () => home.write(".envrc", "a"), event: "add" },
      { change: () => home.write(".envrc", "ab"), event: "change" },
      { change: () => rmSync(home.path(".envrc")), event: "unlink" },
    ];
    for (const [at, { change, event }] of steps.entries()) {
      change();
      await expect.poll(() => told(home).length, { timeout: 10_000 }).toBe(at + 1);
      expect(told(home).at(-1)).toMatchObject({
        hook_event_name: "FileChanged",
        session_id: host.session.id,
        file_path: home.path(".envrc"),
        event,
      });
    }
  });

  it("watch the paths that hooks name meanwhile, also in folders that are not there yet, until others replace them", async () => {
    using home = homeWithHooks({});
    home.write(
      "plugin/hooks/hooks.json",
      JSON.stringify({
        hooks: {
          SessionStart: [
            programHook(specific("SessionStart", { watchPaths: [home.path("later/x.json"), "relative"] })),
          ],
          CwdChanged: [programHook(specific("CwdChanged", { watchPaths: [] }))],
          FileChanged: [programHook(TELL), programHook("true", {}, "static.txt")],
        },
      }),
    );
    await using host = await hookHost(home);
    const { session } = host;
    await begin(host);
    home.write("later/x.json", "1");
    await expect
      .poll(() => told(home).map((one) => one["file_path"]), { timeout: 10_000 })
      .toEqual([home.path("later/x.json")]);
    await host.host.frontend.emit(directoryChanged, { session, from: home.directory, to: home.directory });
    home.write("later/x.json", "22");
    home.write("static.txt", "1");
    const both = [home.path("later/x.json"), home.path("static.txt")];
    await expect.poll(() => told(home).map((one) => one["file_path"]), { timeout: 10_000 }).toEqual(both);
  });

  it("watch nothing after the session, nor for an agent below", async () => {
    using home = homeWithHooks({
      FileChanged: [programHook(TELL, {}, "a.txt")],
      CwdChanged: [programHook(TELL)],
    });
    await using host = await hookHost(home);
    await begin(host);
    await host.host.frontend.emit(sessionEnd, { session: host.session, reason: "other" });
    home.write("a.txt", "1");
    const child = Object.assign(Object.create(host.session) as typeof host.session, { agentPath: ["explorer"] });
    await host.host.frontend.emit(directoryChanged, { session: child, from: "/a", to: "/b" });
    expect(told(home)).toEqual([]);
  });
});

describe("CLAUDE_ENV_FILE", () => {
  const variables = async ({ host, session }: HookHost) =>
    (await host.frontend.emit(shellVariables, { session, variables: {} })).variables;
  const emissions: Readonly<Record<string, (host: HookHost) => Promise<unknown>>> = {
    SessionStart: begin,
    Setup: ({ host, session }) => host.frontend.emit(sessionSetup, { session, trigger: "init" }),
    CwdChanged: ({ host, session }) => host.frontend.emit(directoryChanged, { session, from: "/a", to: "/b" }),
    FileChanged: ({ host, session }) => host.frontend.emit(fileChanged, { session, file: "/a/.env", change: "add" }),
  };
  const leave = emissions["CwdChanged"];

  it.each([
    { event: "SessionStart", stays: true },
    { event: "Setup", stays: true },
    { event: "CwdChanged", stays: true },
    { event: "FileChanged", stays: false },
  ])("of $event reaches the shell, and stays when the directory changes: $stays", async ({ event, stays }) => {
    using home = homeWithHooks({
      [event]: [programHook(`cat > /dev/null; echo 'export FROM_HOOK="a b"' >> "$CLAUDE_ENV_FILE"`)],
    });
    await using host = await hookHost(home);
    await emissions[event]?.(host);
    expect(await variables(host)).toEqual({ FROM_HOOK: "a b" });
    await leave?.(host);
    expect(await variables(host)).toEqual(stays ? { FROM_HOOK: "a b" } : {});
  });

  const exports = [
    {
      name: "builds on what is there",
      lines: 'export PATH="$PATH:/more"',
      sets: { PATH: expect.stringMatching(/:\/more$/u) },
    },
    { name: "takes away", lines: "unset HOME", sets: { HOME: null } },
    { name: "is any shell", lines: "if true; then\n  ONE=1\nfi\necho noise", sets: { ONE: "1" } },
    { name: "keeps lines in values", lines: "export TWO=$'a\\nb'", sets: { TWO: "a\nb" } },
    { name: "may be empty", lines: "", sets: {} },
  ];
  it.each(exports)("$name", async ({ lines, sets }) => {
    using home = homeWithHooks({
      SessionStart: [programHook('cat > /dev/null; cat "$CLAUDE_PLUGIN_ROOT/lines" >> "$CLAUDE_ENV_FILE"')],
    });
    home.write("plugin/lines", lines);
    await using host = await hookHost(home);
    await begin(host);
    expect(await variables(host)).toEqual(sets);
    expect(host.warnings).toEqual([]);
  });

  it("of one hook is what the next builds on; what is no shell is told, and counts for nothing", async () => {
    const write = (line: string): object => programHook(`cat > /dev/null; echo '${line}' >> "$CLAUDE_ENV_FILE"`);
    using home = homeWithHooks({ SessionStart: [write("export A=1"), write('export B="${A}2"'), write("export C=(")] });
    await using host = await hookHost(home);
    await begin(host);
    expect(await variables(host)).toEqual({ A: "1", B: "12" });
    expect(host.warnings.join()).toContain("its `CLAUDE_ENV_FILE` could not be read");
  });

  it("is given to no other hook", async () => {
    using home = homeWithHooks({
      DirectoryAdded: [programHook('cat > /dev/null; echo "${CLAUDE_ENV_FILE-none}" > "$CLAUDE_PROJECT_DIR/file"')],
    });
    await using host = await hookHost(home);
    const { session } = host;
    await host.host.frontend.emit(directoryAdded, { session, directory: "/b", source: "slash_command" });
    expect(readFileSync(home.path("file"), "utf8")).toBe("none\n");
  });
});

describe("ConfigChange hooks", () => {
  const rows = [
    { name: "block", command: printing({ decision: "block", reason: "frozen" }), decision: "deny" },
    { name: "block by exit code 2", command: "echo no >&2; exit 2", decision: "deny" },
    { name: "cannot stop a turn", command: printing({ continue: false }), decision: "pass" },
    { name: "are not for other sources", command: "exit 2", matcher: "skills", decision: "pass" },
    { name: "hear of policy and cannot block it", command: "exit 2", source: "policy_settings", decision: "pass" },
  ] as const;
  it.each(rows)("$name", async (row) => {
    const matcher = "matcher" in row ? row.matcher : undefined;
    using home = homeWithHooks({ ConfigChange: [programHook(row.command, {}, matcher)] });
    await using host = await hookHost(home);
    const source = "source" in row ? row.source : "user_settings";
    const { session } = host;
    const answer = await host.host.frontend.emit(configurationGate, { session, source, file: "/s.json" });
    expect(answer.decision).toBe(row.decision);
  });
});

describe("what hooks say that nobody waits for", () => {
  const rows = [
    {
      event: "Setup",
      output: { hookSpecificOutput: { hookEventName: "Setup", additionalContext: "run make" } },
      emit: ({ host, session }: HookHost) => host.frontend.emit(sessionSetup, { session, trigger: "maintenance" }),
      input: { trigger: "maintenance" },
      texts: ["run make"],
    },
    {
      event: "DirectoryAdded",
      output: { systemMessage: "it has its own tests" },
      emit: ({ host, session }: HookHost) =>
        host.frontend.emit(directoryAdded, { session, directory: "/b", source: "slash_command" }),
      input: { directory: "/b", source: "slash_command" },
      texts: ["it has its own tests"],
    },
    {
      event: "DirectoryAdded",
      output: { systemMessage: "for the log" },
      emit: ({ host, session }: HookHost) =>
        host.frontend.emit(directoryAdded, { session, directory: "/b", source: "register_repo_root" }),
      input: { directory: "/b", source: "register_repo_root" },
      texts: [],
    },
  ];
  it.each(rows)(
    "is told the model with its next prompt: $event $texts",
    async ({ event, output, emit, input, texts }) => {
      const command = `${TELL}; echo '${JSON.stringify(output)}'`;
      using home = homeWithHooks({ [event]: [programHook(command)] });
      await using host = await hookHost(home);
      mkdirSync(home.path("b"));
      await emit(host);
      expect(told(home)).toMatchObject([{ hook_event_name: event, ...input }]);
      expect(await late(host)).toEqual(texts);
    },
  );
});
