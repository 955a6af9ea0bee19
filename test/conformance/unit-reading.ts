import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { readFrontMatter } from "../../schemas/frontmatter.ts";
import { readAgent, readOutputStyles } from "../../schemas/formats/components/agents.ts";
import { readCommand } from "../../schemas/formats/components/commands.ts";
import { readHookDocument } from "../../schemas/formats/components/hooks.ts";
import { readLspDocument } from "../../schemas/formats/components/lsp.ts";
import { readMcpDocument } from "../../schemas/formats/components/mcp.ts";
import { readMonitorList } from "../../schemas/formats/components/monitors.ts";
import { readSkill } from "../../schemas/formats/components/skills.ts";
import { Findings } from "../../schemas/formats/findings.ts";
import type { FileTree } from "../../schemas/formats/index.ts";
import { readManifestHead } from "../../schemas/formats/index.ts";
import { readJsonFile } from "../../schemas/formats/json-file.ts";
import type { ReadContext } from "../../schemas/formats/read-context.ts";
import { baseName, parentPath } from "../../schemas/formats/tree-path.ts";
import { readCatalog } from "../../schemas/marketplace.ts";
import type { Unit } from "./corpus-files.ts";

/** What one file gave. */
export interface UnitReading {
  readonly unit: Unit;
  readonly loaded: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Only for documents with a front matter block: whether it gave name and description. */
  readonly described?: boolean | undefined;
}

/** Reads one file by itself with the reader of its kind. `pluginTree` opens the folder of a manifest. */
export function readUnit(tree: FileTree, unit: Unit, pluginTree: (root: string) => FileTree): UnitReading {
  const findings = new Findings();
  const context: ReadContext = { tree, findings, plugin: "plugin" };
  const { file } = unit;
  const done = (loaded: boolean, described?: boolean): UnitReading => ({
    unit,
    loaded,
    diagnostics: findings.all(),
    ...(described !== undefined && { described }),
  });
  switch (unit.kind) {
    case "marketplace":
      try {
        const { diagnostics } = readCatalog(tree.read(file) ?? "", { file });
        findings.include(diagnostics);
        return done(true);
      } catch (problem) {
        if (!isCodedError(problem)) throw problem;
        findings.caught(problem, file, "marketplace");
        return done(false);
      }
    case "plugin":
    case "agent-plugin": {
      const root = unit.kind === "plugin" ? parentPath(parentPath(file)) : parentPath(file);
      const head = readManifestHead(pluginTree(root));
      findings.include(head.diagnostics.map((found) => ({ ...found, file })));
      return done(head.loadable);
    }
    case "skill": {
      const skill = readSkill(context, parentPath(file));
      return done(skill !== undefined, describes(tree, file, skill));
    }
    case "command": {
      const command = readCommand(context, file, baseName(file).slice(0, -3));
      return done(command !== undefined, describes(tree, file, command));
    }
    case "agent": {
      const agent = readAgent(context, file, []);
      return done(agent !== undefined, describes(tree, file, agent));
    }
    case "output-style":
      return done(readOutputStyles(context, [{ path: file }]).length === 1);
    case "hooks":
    case "mcp":
    case "lsp":
    case "monitors": {
      const document = readJsonFile(tree, file, findings, unit.kind);
      if (document === undefined) return done(false);
      if (unit.kind === "hooks") readHookDocument(context, document, file);
      else if (unit.kind === "mcp") readMcpDocument(context, document);
      else if (unit.kind === "lsp") readLspDocument(context, document, "lsp");
      else readMonitorList(context, document, "monitor");
      return done(!findings.failed);
    }
  }
}

const TEXT = new TextDecoder();

function describes(
  tree: FileTree,
  file: string,
  contribution: { readonly name: string; readonly description: string } | undefined,
): boolean | undefined {
  let bytes: Uint8Array | undefined;
  try {
    bytes = tree.read(file);
  } catch (problem) {
    // The reader of its kind has reported the same.
    if (!isCodedError(problem)) throw problem;
  }
  if (bytes === undefined || !readFrontMatter(TEXT.decode(bytes), { file }).present) return undefined;
  return contribution !== undefined && contribution.name !== "" && contribution.description !== "";
}
