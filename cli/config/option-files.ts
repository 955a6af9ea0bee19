import { lstatSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { readManagedFiles } from "../../core/platform/managed-files.ts";
import { SecretOwners } from "../../core/secrets/secret-owners.ts";
import { openSecrets, type OpenSecrets } from "../../core/secrets/secrets.ts";
import { layersOf, loadSettings } from "../../core/settings/load-settings.ts";
import { readSettingsText } from "../../core/settings/settings-files.ts";
import { editSettings } from "../../core/settings/write-setting.ts";
import { openWorkspaceTrust } from "../../core/trust/workspace-trust.ts";
import { openWorkspace } from "../../core/trust/workspace.ts";
import type { Settings } from "../../plugin-api/services/settings.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { JsonEdit } from "../../schemas/plain-json.ts";
import { isRecord } from "../../schemas/record.ts";
import type { VerbContext } from "../context.ts";
import { homeOf } from "../home.ts";
import type { ConfiguredPlugin } from "./configured-plugin.ts";

const KEY = "pluginConfigs";

/** The settings that a verb sees, read once. */
export interface SettingsHere {
  readonly workspace: Workspace;
  readonly settings: Pick<Settings, "layers">;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the settings as a session started here would, without watching them. */
export function settingsHere({ cwd, environment }: Pick<VerbContext, "cwd" | "environment">): SettingsHere {
  const home = homeOf(environment);
  const workspace = openWorkspace({
    directory: cwd,
    homeDirectory: environment["HOME"] ?? homedir(),
    plugsmithHome: home.directory,
    environment,
    trust: openWorkspaceTrust(join(home.state, "trust.json"), () => new Date()),
    trustedForThisRun: false,
  });
  const loaded = loadSettings({ workspace, flags: [], managed: readManagedFiles() });
  return { workspace, settings: { layers: (key) => layersOf(loaded, key) }, diagnostics: loaded.diagnostics };
}

/** The secret options of plugins, where the person keeps them; a passphrase is asked for only where `mayAsk`. */
export async function secretsHere(
  context: VerbContext,
  { settings }: SettingsHere,
  plugins: readonly ConfiguredPlugin[],
  mayAsk = true,
): Promise<OpenSecrets> {
  const home = homeOf(context.environment);
  const engine = await context.engine();
  const identities = new Map(plugins.map(({ id, identity }) => [id, identity]));
  return openSecrets({
    settings,
    environment: context.environment,
    directory: home.encryptedSecrets,
    askPassphrase: async (isNew) => {
      if (!mayAsk || !engine.interactive) return undefined;
      const text = isNew ? "new passphrase of the encrypted secrets: " : "passphrase of the encrypted secrets: ";
      return engine.askText({ text, hidden: true });
    },
    identityOf: (id) => identities.get(id),
    audit: engine.services.audit,
    owners: new SecretOwners(home.secretOwners),
  });
}

/**
 * Writes the value of one option into the person's own settings; returns the file. That of a server stands where other agents have it
 * (formats.md §1.5), unless it has its place among the others.
 */
export function writeOption(workspace: Workspace, id: string, key: string, value: unknown): string {
  return editSettings(workspace, "user", (current) => {
    const plain = [KEY, id, "options", key];
    const [server = "", name] = key.split(".");
    const isPlain = name === undefined || chainOf(current, plain).at(-1) !== undefined;
    return [{ path: isPlain ? plain : [KEY, id, "mcpServers", server, name], value }];
  });
}

/** Takes the value of one option out of the person's own settings, or of all, with what is empty then, also the file. */
export function removeOption(workspace: Workspace, id: string, key?: string): void {
  const file = editSettings(workspace, "user", (current) => {
    if (key === undefined) return removal(current, [KEY, id]);
    const [server = "", name = ""] = key.split(".");
    // One of the two forms is there as a rule; edits of both together could not be told apart from what is empty then.
    const plain = removal(current, [KEY, id, "options", key]);
    return plain.length > 0 ? plain : removal(current, [KEY, id, "mcpServers", server, name]);
  });
  // A link belongs to whoever made it.
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return;
  if (/^\s*\{\s*\}\s*$/u.test(readSettingsText(file) ?? "")) rmSync(file);
}

/** No edit when there is nothing; otherwise that of the outermost member that would be empty. */
function removal(current: unknown, path: readonly string[]): readonly JsonEdit[] {
  const chain = chainOf(current, path);
  if (chain.at(-1) === undefined) return [];
  let length = path.length;
  while (length > 1 && Object.keys(chain[length - 1] ?? {}).length === 1) length -= 1;
  return [{ path: path.slice(0, length), value: undefined }];
}

/** A value, and what it holds at each step of a path. */
function chainOf(value: unknown, path: readonly string[]): readonly unknown[] {
  const chain = [value];
  for (const key of path) chain.push(memberOf(chain.at(-1), key));
  return chain;
}

function memberOf(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
