import {
  configurationGate,
  directoryAdded,
  directoryChanged,
  fileChanged,
  shellVariables,
  type PluginContext,
} from "plugsmith/plugin-api";
import { basename } from "node:path";
import type { SessionVariables } from "../environment/session-variables.ts";
import { specificText } from "../hook-output.ts";
import type { HookRunner } from "../hook-runner.ts";
import { watchPaths, type FileWatch } from "../watch/file-watch.ts";
import { decisionReason, raiseBy } from "./raise.ts";

/** Registers the hooks of folders, files and settings. */
export function listenToPlaces(
  context: PluginContext,
  runner: HookRunner,
  watch: FileWatch,
  variables: SessionVariables,
): void {
  const run = raiseBy(runner);

  context.listen(directoryChanged, async ({ session, from, to }, { signal }) => {
    // What an agent below does to its own directory is none of the conversation's.
    if (session.agentPath.length > 0) return;
    variables.leaveDirectory(session);
    const reports = await run("CwdChanged", session, { old_cwd: from, new_cwd: to }, signal);
    await watch.refresh(session, watchPaths(reports));
  });
  context.listen(fileChanged, async ({ session, file, change }, { signal }) => {
    const fields = { file_path: file, event: change };
    await watch.refresh(session, watchPaths(await run("FileChanged", session, fields, signal, basename(file))));
  });
  context.listen(directoryAdded, async ({ session, directory, source }, { signal }) => {
    const reports = await run("DirectoryAdded", session, { directory, source }, signal, source);
    const texts = reports.flatMap(({ outcome }) => [
      ...(source === "slash_command" ? [outcome.output.systemMessage ?? []].flat() : []),
      ...[specificText(outcome, "additionalContext") ?? []].flat(),
    ]);
    runner.keepLate(session, texts);
  });
  context.listen(configurationGate, async ({ session, source, file }, { signal }) => {
    const reports = await run("ConfigChange", session, { source, file_path: file }, signal, source);
    const reason = reports.map(({ outcome }) => decisionReason(outcome)).find((text) => text !== undefined);
    return reason === undefined || source === "policy_settings" ? { decision: "pass" } : { decision: "deny", reason };
  });
  context.listen(shellVariables, (collected) => ({
    ...collected,
    variables: { ...collected.variables, ...variables.of(collected.session) },
  }));
}
