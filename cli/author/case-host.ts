import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import type { Host } from "../../core/host.ts";
import { sessionsService } from "../../plugin-api/services/agent.ts";
import type { Session, SessionOptions } from "../../plugin-api/session.ts";
import { CodedError } from "../../schemas/errors.ts";
import { required } from "../session/missing-service.ts";
import { openHost } from "../session/open-host.ts";

/** A host for one case, in a home and a project that nobody else has; the caller closes it. */
export interface CaseHost {
  readonly host: Host;
  /** Real path of the project. */
  readonly directory: string;
  /** Absolute folder for what the case needs beside the project, e.g. a script. */
  readonly place: string;
  /** Id of the plugin under test. */
  readonly plugin: string;
  /** Warnings so far, newest last. */
  readonly warnings: readonly string[];
  open(options?: Partial<SessionOptions>): Promise<Session>;
  close(): Promise<void>;
}

/** What a case runs with. */
export interface CaseHostOptions {
  /** Absolute folder of the plugin. */
  readonly pluginDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path in the project → content. */
  readonly files: Readonly<Record<string, string>>;
}

/** Variables that lead to what the person has. */
const PERSONAL = ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "CLAUDE_CONFIG_DIR"];

/** Loads a plugin as `--plugin-dir` does, in a fresh home. Throws when it would not load. */
export async function openCaseHost({ pluginDirectory, environment, files }: CaseHostOptions): Promise<CaseHost> {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "plugsmith-case-")));
  const directory = join(place, "project");
  const remove = (): void => rmSync(place, { recursive: true, force: true, maxRetries: 3 });
  try {
    mkdirSync(directory);
    writeFiles(directory, files);
    const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !PERSONAL.includes(name)));
    const warnings: string[] = [];
    const opened = await openHost({
      directory,
      environment: { ...own, HOME: place, USERPROFILE: place, PLUGSMITH_HOME: join(place, "home") },
      pluginDirectories: [pluginDirectory],
      settings: [],
      trustWorkspace: true,
      log: (level, plugin, message) => {
        if (level === "warn") warnings.push(`${plugin}: ${message}`);
      },
    });
    const close = async (): Promise<void> => {
      await opened.close();
      remove();
    };
    try {
      const { host } = opened;
      await host.start();
      return {
        host,
        directory,
        place,
        plugin: pluginUnderTest(host),
        warnings,
        open: async (options = {}) => {
          const sessions = await required(sessionsService.key, () => host.frontend.use(sessionsService));
          return sessions.open({ directory, recorded: false, options });
        },
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    remove();
    throw error;
  }
}

/** The id of the one that was given for this run. Throws `E_WOULD_NOT_LOAD`. */
function pluginUnderTest(host: Host): string {
  const node = host.tree().plugins.find(({ tier }) => tier === "session");
  const { state, id = "" } = node ?? {};
  if (state?.kind === "failed") {
    throw new CodedError("E_WOULD_NOT_LOAD", `\`${id}\` does not load: ${String(state.error)}`);
  }
  if (state?.kind === "held") throw new CodedError("E_WOULD_NOT_LOAD", `\`${id}\` is held back: ${state.message}`);
  return id;
}

function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = resolve(directory, path);
    if (!file.startsWith(directory + sep)) {
      throw new CodedError("E_PATH_ESCAPE", `the file \`${path}\` of a case lies outside of its project`, {
        hint: "paths of `files` are relative to the project",
      });
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
