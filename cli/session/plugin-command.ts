import type { PluginContext } from "../../plugin-api/plugin.ts";
import { promptExpansion } from "../../plugin-api/events/session.ts";
import { CapturedOutput } from "../print/captured-output.ts";
import { splitWords } from "./words.ts";

/** What `/plugin` needs. */
export interface PluginCommandOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Called after a verb ended well, which may have changed what is installed. */
  readonly changed: () => void;
}

const COMMAND = /^\/plugins?(?:\s+([\s\S]*))?$/u;

/** Lets the person manage plugins inside a session: `/plugin <verb>` is `plugin <verb>`, answered without a model. */
export function offerPluginCommand(frontend: PluginContext, options: PluginCommandOptions): void {
  frontend.listen(
    promptExpansion,
    async ({ text }) => {
      const match = COMMAND.exec(text.trim());
      if (match === null) return undefined;
      const args = match[1] ?? "--help";
      const { runCommandLine } = await import("../main.ts");
      const writer = new CapturedOutput();
      const { environment, directory } = options;
      const exit = await runCommandLine(splitWords(args), { environment, directory, writer });
      if (exit === 0) options.changed();
      return {
        name: "plugin",
        kind: "command",
        args,
        content: [{ type: "text", text }],
        answer: writer.text,
        ...(exit !== 0 && { failed: `\`plugin ${args}\` ended with exit code ${String(exit)}` }),
      };
    },
    // A download may take its time, and has deadlines of its own.
    { budgetMs: Infinity },
  );
}
