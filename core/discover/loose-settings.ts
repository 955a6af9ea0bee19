import { basename, dirname, join } from "node:path";
import { readHookDocument } from "../../schemas/formats/components/hooks.ts";
import { readMcpServers } from "../../schemas/formats/components/mcp.ts";
import { Findings } from "../../schemas/formats/findings.ts";
import { locatedAt, readJsonFile } from "../../schemas/formats/json-file.ts";
import { isRecord } from "../../schemas/record.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { ReadContext } from "../../schemas/formats/read-context.ts";
import type { Contribution } from "../../schemas/plugin-manifest.ts";
import type { HostPlugin } from "../host-plugin.ts";
import { openDirectoryTree } from "../platform/disk-file-tree.ts";
import { realOf } from "../platform/real-path.ts";
import { admits, loosePlugin, type LoosePlace } from "./loose-location.ts";

/**
 * The hooks of files of settings, and the servers of an MCP file, as one synthetic plugin; `undefined` when there are none.
 * Names are relative to the place. `textOf` gives the text of a file of settings that counts, where that is not simply what it
 * holds.
 */
export function readSettingsParts(
  location: LoosePlace,
  settings: readonly string[],
  servers: readonly string[],
  textOf?: (file: string) => string | undefined,
): HostPlugin | undefined {
  const findings = new Findings();
  const contributions: Contribution[] = [];
  const read = (name: string, part: (context: ReadContext, file: string) => readonly Contribution[]): void => {
    const real = realOf(join(location.directory, name));
    if (real === undefined || !admits(location, real)) return;
    const context: ReadContext = { tree: openDirectoryTree(dirname(real)), findings, plugin: location.label };
    contributions.push(...part(context, basename(real)));
  };
  for (const name of settings) {
    const part = (context: ReadContext, file: string): readonly Contribution[] => {
      const document = readJsonFile(context.tree, file, findings, "hook");
      if (document === undefined || !isRecord(document.value) || document.value["hooks"] === undefined) return [];
      return readHookDocument(context, locatedAt(document, ["hooks"]), name);
    };
    if (textOf === undefined) read(name, part);
    else {
      const text = textOf(join(location.directory, name));
      const context = { tree: textTree(basename(name), text), findings, plugin: location.label };
      if (text !== undefined) contributions.push(...part(context, basename(name)));
    }
  }
  for (const name of servers) read(name, (context, file) => readMcpServers(context, file, []));
  if (contributions.length === 0 && findings.all().length === 0) return undefined;
  return loosePlugin(location, location.directory, contributions, findings.all());
}

/** A tree of one file. */
function textTree(name: string, text = ""): FileTree {
  const bytes = Buffer.from(text);
  const file = { kind: "file", path: name, bytes: bytes.length, executable: false } as const;
  return {
    list: (directory) => (directory === "" ? [{ name, kind: "file" }] : undefined),
    stat: (path) => (path === name ? file : undefined),
    read: (path) => (path === name ? bytes : undefined),
  };
}
