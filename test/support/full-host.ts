import { mkdirSync, realpathSync } from "node:fs";
import { looseFoldersOf } from "../../core/discover/loose-folders.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { openProcesses } from "../../core/platform/processes.ts";
import { openSecrets } from "../../core/secrets/secrets.ts";
import {
  looseFoldersService,
  sessionsService,
  settingsService,
  turnsService,
  workspaceService,
  type OpenSession,
  type Session,
  type TurnEvent,
  type TurnRequest,
  type TurnResult,
  type Workspace,
} from "../../plugin-api/index.ts";
import { MemorySettings } from "./memory-settings.ts";
import { hostService, testHost, type TestHost } from "./test-host.ts";
import { temporaryHome, type TemporaryHome } from "./temporary-home.ts";

/** What a host with every service of core is made of. */
export interface FullHostOptions {
  /** Gets the home of the test, whose folder `project` is where sessions work. */
  readonly plugins: (home: TemporaryHome) => readonly HostPlugin[];
  /** Of the person. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Default true. */
  readonly trusted?: boolean | undefined;
}

/** A host as the command composes it, but for what is installed and for files of settings. */
export interface FullHost extends TestHost {
  /** Real path that sessions work in. */
  readonly project: string;
  open(request?: Partial<OpenSession>): Promise<Session>;
  /** Runs a turn to its end. */
  turn(
    session: Session,
    prompt: TurnRequest["prompt"],
  ): Promise<{ readonly events: readonly TurnEvent[]; readonly result: TurnResult }>;
}

/** Boots a host with the real processes, secrets (in memory), loose folders, workspace and settings. */
export async function fullHost(options: FullHostOptions): Promise<FullHost> {
  const { plugins, settings = {}, environment = {} } = options;
  const place = temporaryHome();
  const workspace = { ...workspaceIn(place, environment), trusted: options.trusted ?? true };
  const failures: string[] = [];
  const audit = { append: () => undefined, heads: () => [] };
  const stored = new MemorySettings([
    { layer: "user", file: "/settings.json", values: { secrets: { backend: "memory" }, ...settings } },
  ]);
  const processes = openProcesses({
    decide: () => ({ allowed: true }),
    workspace,
    audit,
    failed: (plugin, error) => void failures.push(`${plugin}: ${String(error)}`),
  });
  const test = await testHost(plugins(place), {
    services: [
      hostService(workspaceService, workspace),
      hostService(settingsService, stored),
      hostService(looseFoldersService, looseFoldersOf({ workspace, dataRoot: place.path("data") })),
      processes.service,
      openSecrets({ settings: stored, directory: "/nowhere", environment, identityOf: (id) => id, audit }).service,
    ],
  });
  const { projectDirectory: project } = workspace;
  return {
    ...test,
    home: place,
    project,
    open: async (request = {}) =>
      (await test.host.frontend.use(sessionsService)).open({ directory: project, ...request }),
    turn: async (session, prompt) => {
      const run = (await test.host.frontend.use(turnsService)).run({ session, prompt });
      const events: TurnEvent[] = [];
      for (;;) {
        const { done, value } = await run.next();
        if (done === true) return { events, result: value };
        events.push(value);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await test.host.dispose();
      await processes.dispose();
      await test[Symbol.asyncDispose]();
      place[Symbol.dispose]();
      if (failures.length > 0) throw new Error(failures.join("\n"));
    },
  };
}

function workspaceIn(place: TemporaryHome, environment: Readonly<Record<string, string>>): Workspace {
  for (const folder of ["project", "person"]) mkdirSync(place.path(folder));
  const [project, person] = [realpathSync(place.path("project")), realpathSync(place.path("person"))];
  return {
    directory: project,
    projectDirectory: project,
    homeDirectory: person,
    plugsmithHome: place.path("plugsmith"),
    trusted: true,
    environment: { PATH: process.env["PATH"] ?? "", HOME: person, ...environment },
  };
}
