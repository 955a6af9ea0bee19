import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sessionsService, workspaceService } from "../../plugin-api/index.ts";
import { sessionConformance, type SessionSubject } from "../../plugin-api/testing.ts";
import { MemorySessions } from "../support/memory-sessions.ts";
import { builtins, hostService, testHost, type TestHost } from "../support/test-host.ts";
import { temporaryHome } from "../support/temporary-home.ts";

/** The built-in, in one host after the other over the same home. */
async function transcript(): Promise<SessionSubject> {
  const home = temporaryHome();
  const directory = home.path("project");
  mkdirSync(directory);
  const workspace = {
    directory,
    projectDirectory: directory,
    homeDirectory: home.path("person"),
    plugsmithHome: home.path("plugsmith"),
    trusted: true,
    environment: {},
  };
  const hosts: TestHost[] = [];
  const boot = async () => {
    const host = await testHost(builtins(["transcript"], home), {
      services: [hostService(workspaceService, workspace)],
    });
    hosts.push(host);
    return host.host.frontend.use(sessionsService);
  };
  return {
    sessions: await boot(),
    directory,
    reopen: async () => {
      await hosts.at(-1)?.host.dispose();
      return boot();
    },
    dispose: async () => {
      for (const host of hosts) await host[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

describe("the built-in `transcript` conforms", () => {
  const cases = sessionConformance(transcript);
  it.each(cases)("$name", ({ run }) => run());

  it("in more than twenty ways", () => {
    expect(cases.length).toBeGreaterThan(20);
  });
});

describe("sessions in memory, which record nothing, conform", () => {
  const open = async (): Promise<SessionSubject> => ({ sessions: new MemorySessions(), directory: "/project" });
  it.each(sessionConformance(open, { recorded: false }))("$name", ({ run }) => run());
});
