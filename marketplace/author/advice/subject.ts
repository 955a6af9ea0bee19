import type { Diagnostic, DiagnosticCode } from "../../../schemas/diagnostic.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import type { PluginManifest, Provenance } from "../../../schemas/plugin-manifest.ts";

/** A plugin that its author asks advice about. */
export interface AdviceSubject {
  readonly manifest: PluginManifest;
  readonly tree: FileTree;
  /** Folder of the plugin in what is validated, `""` when it is that itself. */
  readonly folder: string;
  /** Whether a licence of the whole marketplace covers it. */
  readonly licensed: boolean;
}

/** One piece of advice; its file is relative to the plugin. */
export function advice(code: DiagnosticCode, message: string, where: Provenance, hint: string): Diagnostic {
  return {
    code,
    severity: "advice",
    message,
    file: where.file,
    line: where.line ?? 1,
    column: where.column ?? 1,
    hint,
  };
}
