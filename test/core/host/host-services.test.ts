import { mkdirSync, realpathSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openProcesses } from "../../../core/platform/processes.ts";
import { openSecrets } from "../../../core/secrets/secrets.ts";
import { openSettings } from "../../../core/settings/open-settings.ts";
import { openWorkspace, serveWorkspace } from "../../../core/trust/workspace.ts";
import {
  defineService,
  processService,
  secretService,
  settingsService,
  workspaceService,
  type RunningProcess,
} from "../../../plugin-api/index.ts";
import type { AuditRecord } from "../../../plugin-api/service-contracts.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { codePlugin, testHost } from "../../support/test-host.ts";

interface Probe {
  readonly report: () => Promise<readonly unknown[]>;
  readonly start: (args: readonly string[]) => RunningProcess;
}

const probeService = defineService<Probe>("probe@test/probe");
const probe = codePlugin("probe", { provides: ["probe"] }, async (context) => {
  const [processes, settings, secrets, workspace] = await Promise.all([
    context.use(processService),
    context.use(settingsService),
    context.use(secretService),
    context.use(workspaceService),
  ]);
  context.provide(probeService, {
    report: async () => {
      settings.set("user", "greeting", "hello");
      await secrets.set("token", "secret");
      return [workspace.trusted, settings.get("greeting"), await secrets.get("token")];
    },
    start: (args) =>
      processes.start({
        plugin: context.plugin,
        purpose: "test",
        command: "sleep",
        args,
        directory: workspace.directory,
        environment: { PATH: workspace.environment["PATH"] ?? "" },
      }),
  });
});

describe("the services of the host", () => {
  it("work together for a plugin, and its programs end with it", async () => {
    using files = temporaryHome();
    for (const folder of ["me/.plugsmith", "work"]) mkdirSync(files.path(folder), { recursive: true });
    const audit: AuditRecord[] = [];
    const log = { append: (record: AuditRecord) => void audit.push(record), heads: () => [] };
    const failures: unknown[] = [];
    const failed = (...error: readonly unknown[]): void => void failures.push(error);
    const workspace = openWorkspace({
      directory: files.path("work"),
      homeDirectory: files.path("me"),
      plugsmithHome: files.path("me/.plugsmith"),
      environment: { PATH: "/usr/bin:/bin" },
      trust: { isTrusted: () => false },
      trustedForThisRun: false,
    });
    const settings = openSettings({
      workspace,
      flags: ['{"secrets": {"backend": "memory"}}'],
      managed: () => [],
      audit: log,
      failed,
    });
    const processes = openProcesses({ decide: () => ({ allowed: true }), workspace, audit: log, failed });
    const secrets = openSecrets({
      settings: settings.settings,
      directory: "/nowhere",
      environment: {},
      identityOf: (id) => id,
      audit: log,
    });
    {
      const services = [serveWorkspace(workspace), settings.service, processes.service, secrets.service];
      await using test = await testHost([probe], { services });
      const used = await test.host.frontend.use(probeService);
      expect(await used.report()).toEqual([false, "hello", "secret"]);
      const running = used.start(["300"]);
      const ended = running.ended;
      await test.host.reload([]);
      expect(await ended).toEqual({ code: undefined, signal: "SIGTERM" });
      expect(() => used.start(["300"])).toThrow(/was disposed/u);
    }
    settings.dispose();
    await processes.dispose();
    expect(audit.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      "settings set greeting",
      "secret set probe@test",
      "process start probe@test",
    ]);
    expect([failures, workspace.directory]).toEqual([[], realpathSync(files.path("work"))]);
  });
});
