import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { directoryAdded, type Expansion, type PluginContext, type Session } from "plugsmith/plugin-api";
import type { Places } from "./places.ts";

const COMMAND = /^\/add-dir(?:\s+(\S[\s\S]*))?$/u;

/** `/add-dir FOLDER` lets the session work in one more folder. */
export function addDirectory(
  context: PluginContext,
  places: Places,
  session: Session,
  text: string,
): Expansion | undefined {
  const match = COMMAND.exec(text.trim());
  if (match === null) return undefined;
  const [, given = ""] = match;
  const expansion = { name: "add-dir", kind: "command", args: given, content: [{ type: "text", text }] } as const;
  const failed = (why: string): Expansion => ({ ...expansion, answer: why, failed: why });
  if (given === "") return failed("name a folder: `/add-dir ../other`");
  const directory = realDirectory(resolve(session.directory, given.replace(/^~(?=\/|$)/u, places.home)));
  if (directory === undefined) return failed(`\`${given}\` is no folder`);
  if (places.isInside({ real: directory }, session, session.directory)) {
    return { ...expansion, answer: `\`${directory}\` is one of the session's folders already` };
  }
  const { additionalDirectories = [] } = session.options;
  session.setOptions({ additionalDirectories: [...additionalDirectories, directory] });
  // Hooks of it run beside the conversation.
  context
    .emit(directoryAdded, { session, directory, source: "slash_command" })
    .catch((error: unknown) => context.log.warn(String(error)));
  return { ...expansion, answer: `the session may work in \`${directory}\` too` };
}

function realDirectory(path: string): string | undefined {
  try {
    const real = realpathSync.native(path);
    return statSync(real).isDirectory() ? real : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
