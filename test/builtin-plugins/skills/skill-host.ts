import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import type { HostService } from "../../../core/services/service-registry.ts";
import {
  contextTexts,
  filesTouched,
  promptExpansion,
  toolPoint,
  type ContextReason,
  type Expansion,
  type Session,
} from "../../../plugin-api/index.ts";
import { settingsOf, toolPlugins, workspaceAt } from "../../support/agent-parts.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { builtins, pluginIn, testHost, type TestHost } from "../../support/test-host.ts";

/** What a test makes of skills. */
export interface SkillHostOptions {
  /** Files of plugins, e.g. `city/skills/a/SKILL.md`; each top folder is one plugin. */
  readonly plugins: Readonly<Record<string, string>>;
  readonly settings?: Record<string, unknown> | undefined;
  readonly services?: readonly HostService[] | undefined;
  readonly more?: ((home: TemporaryHome) => readonly HostPlugin[]) | undefined;
  readonly names?: readonly string[] | undefined;
}

/** A host with the skills built-in, and a session in a project of its own. */
export interface SkillHost extends AsyncDisposable {
  readonly test: TestHost;
  readonly project: TemporaryHome;
  readonly files: TemporaryHome;
  readonly session: MemorySession;
  /** Texts that would be appended now. */
  told(reason?: ContextReason, session?: Session): Promise<readonly string[]>;
  /** Reads the plugins anew. */
  reload(): Promise<void>;
  touch(...files: readonly string[]): Promise<void>;
  type(text: string): Promise<Expansion | undefined>;
  /** What the tool `Skill` returns: the text, with `error: ` in front where it is one. */
  call(skill: string, args?: string): Promise<string>;
}

/** Boots it. */
export async function skillHost(options: SkillHostOptions): Promise<SkillHost> {
  const { plugins, settings = {}, services = [], more = () => [], names = ["prompt-text", "skills"] } = options;
  const files = temporaryHome();
  const project = temporaryHome();
  for (const [name, content] of Object.entries(plugins)) files.write(name, content);
  const roots = [...new Set(Object.keys(plugins).map((name) => name.split("/")[0] ?? ""))];
  const directory = realpathSync(project.directory);
  for (const root of roots) {
    if (plugins[`${root}/.claude-plugin/plugin.json`] === undefined) {
      files.write(`${root}/.claude-plugin/plugin.json`, JSON.stringify({ name: root }));
    }
  }
  let revision = 0;
  const others = toolPlugins();
  const all = (home: TemporaryHome): HostPlugin[] => {
    revision += 1;
    const read = roots.filter((root) => existsSync(files.path(root))).map((root) => pluginIn(files.path(root), home));
    const fresh = read.map((plugin) => ({ ...plugin, revision: String(revision) }));
    return [...others, ...builtins(names, home), ...fresh, ...more(home)];
  };
  const test = await testHost(all, { services: [workspaceAt(directory), settingsOf(settings), ...services] });
  const session = new MemorySession({ directory });
  const { frontend } = test.host;
  const never = new AbortController().signal;
  return {
    test,
    project,
    files,
    session,
    told: async (reason = "prompt", to = session) =>
      (await frontend.emit(contextTexts, { session: to, reason, texts: [] })).texts,
    reload: async () => void (await test.host.reload(all(test.home))),
    touch: async (...touched) => {
      await frontend.emit(filesTouched, { session, files: touched, change: "read" });
    },
    type: (text) => frontend.emit(promptExpansion, { session, text }),
    call: async (skill, args) => {
      const tool = (await frontend.read(toolPoint)).all().find(({ name }) => name === "Skill");
      const invoked = await tool?.invoke(
        { skill, ...(args !== undefined && { args }) },
        { callId: "1", signal: never, context: { session, directory, agentPath: [] } },
      );
      if (invoked?.kind !== "done") return `denied: ${invoked?.reason ?? ""}`;
      const text = invoked.output.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
      return (invoked.output.isError === true ? "error: " : "") + text.replaceAll(dirname(files.path("x")), "FILES");
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      files[Symbol.dispose]();
      project[Symbol.dispose]();
    },
  };
}

/** A SKILL.md. */
export function skillFile(fields: Readonly<Record<string, string>>, body = "Do it."): string {
  const lines = Object.entries({ description: "About it.", ...fields }).map(([key, value]) => `${key}: ${value}`);
  return `---\n${lines.join("\n")}\n---\n${body}\n`;
}
