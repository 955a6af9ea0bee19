import { mkdirSync, realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openSettings, type OpenSettings, type SettingsOptions } from "../../../core/settings/open-settings.ts";
import type { Workspace } from "../../../plugin-api/index.ts";
import type { AuditRecord } from "../../../plugin-api/service-contracts.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

/** A person `me` with a project `site`, whose settings are opened and disposed with the test. */
export interface SettingsBench extends TemporaryHome {
  readonly workspace: Workspace;
  readonly audit: readonly AuditRecord[];
  readonly failures: readonly unknown[];
  open(options?: Partial<SettingsOptions>): OpenSettings;
  json(name: string, value: unknown): string;
}

/** Makes the places of settings. */
export function settingsBench({ trusted = true }: { readonly trusted?: boolean } = {}): SettingsBench {
  const files = temporaryHome();
  for (const folder of ["me/.plugsmith", "site"]) mkdirSync(files.path(folder), { recursive: true });
  const audit: AuditRecord[] = [];
  const failures: unknown[] = [];
  const opened: OpenSettings[] = [];
  const root = realpathSync(files.directory);
  const workspace: Workspace = {
    directory: `${root}/site`,
    projectDirectory: `${root}/site`,
    homeDirectory: `${root}/me`,
    plugsmithHome: `${root}/me/.plugsmith`,
    trusted,
    environment: { PATH: process.env["PATH"] ?? "" },
  };
  return {
    ...files,
    path: (...names) => [root, ...names].join("/"),
    workspace,
    audit,
    failures,
    open: (options = {}) => {
      const settings = openSettings({
        workspace,
        flags: [],
        managed: () => [],
        audit: { append: (record) => void audit.push(record), heads: () => [] },
        failed: (error) => void failures.push(error),
        ...options,
      });
      opened.push(settings);
      return settings;
    },
    json: (name, value) => files.write(name, JSON.stringify(value)),
    [Symbol.dispose]() {
      for (const settings of opened) settings.dispose();
      files[Symbol.dispose]();
    },
  };
}

/** Resolves with whether a change is heard in a time that is long beside the one that is promised. */
export async function isHeard(settings: OpenSettings, change: () => void): Promise<boolean> {
  const heard = Promise.withResolvers<boolean>();
  const listener = settings.settings.onChange(() => heard.resolve(true));
  change();
  const result = await Promise.race([heard.promise, sleep(5_000, false)]);
  listener.dispose();
  return result;
}
