import type { Policy } from "../../core/settings/policy-documents.ts";
import type { Home } from "../../marketplace/home.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { ComposeOptions } from "../compose.ts";

/** What a session's start needs to bring what policy requires. */
export interface RequiredPluginsOptions extends Pick<ComposeOptions, "environment" | "directory" | "managedFiles"> {
  readonly home: Home;
  readonly policy: Policy;
  readonly progress: (message: string) => void;
}

/**
 * Installs what policy requires and is not here yet, before a session reads what is installed. Nobody is asked: what an administrator did
 * not say yes to waits for `plugin sync`. What cannot be had is no reason not to start, and told.
 */
export async function installRequired(options: RequiredPluginsOptions): Promise<readonly Diagnostic[]> {
  const { home, policy, environment, directory, managedFiles, progress } = options;
  if (!policy.documents.some(({ plugins }) => plugins.forced.size > 0)) return [];
  const { bringRequired, missingRequired } = await import("../policy/required.ts");
  const missing = missingRequired(home, policy.documents);
  if (missing.length === 0) return [];
  const { compose } = await import("../compose.ts");
  const remarks: string[] = [];
  const engine = await compose({
    home,
    environment,
    directory,
    managedFiles,
    offline: false,
    signal: new AbortController().signal,
    progress: (message) => (message === undefined ? undefined : progress(message)),
    remark: (message) => remarks.push(message),
    now: () => new Date(),
    person: {
      interactive: false,
      accepted: [],
      command: "plugin sync",
      detail: "short",
      show: () => undefined,
      ask: () => Promise.resolve(false),
    },
  });
  try {
    const brought = await bringRequired(engine, missing, { dryRun: false, show: () => undefined });
    return brought.map(({ plugin: { id, place }, error }): Diagnostic => {
      const at = { file: place.file, ...(place.line !== undefined && { line: place.line }) };
      if (error === undefined)
        return { code: "I_REQUIRED", severity: "info", message: `installed \`${id}\`, which policy requires`, ...at };
      const isOpen = error.code === "E_TRUST";
      const why = isOpen ? "somebody has to say yes to what it runs" : error.message;
      const hint = isOpen ? "`plugin sync` shows that and asks" : (error.hint ?? "`plugin sync` tries again");
      const message = `policy requires \`${id}\`, which is not installed: ${why}`;
      return { code: error.code, severity: "warning", message, hint, ...at };
    });
  } finally {
    await engine.close();
    for (const remark of remarks) progress(remark);
  }
}
