import { withoutSecretVariables } from "../core/secrets/secret-variable.ts";
import { compose, type ComposeOptions, type Engine } from "./compose.ts";
import { homeOf } from "./home.ts";
import { Interruption } from "./interruption.ts";
import { consentLines } from "./print/consent-text.ts";
import type { GlobalOptions } from "./options.ts";
import { placeText } from "./print/diagnostic-lines.ts";
import { isTerminal } from "./print/is-terminal.ts";
import { ProgressLine } from "./print/progress.ts";
import { askText, askYesNo, type TextQuestion } from "./print/question.ts";
import type { Writer } from "./print/writer.ts";

/** Whom the engine talks to, and how. */
export interface TerminalOptions {
  readonly options: GlobalOptions;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly writer: Writer;
  /** Where the person works. */
  readonly cwd: string;
  /** The command line as it can be typed again. */
  readonly command: string;
  readonly managedFiles?: ComposeOptions["managedFiles"];
}

/** The engine together with the person in front of it. */
export interface TerminalEngine extends Engine {
  /** Whether a question can be asked and answered. */
  readonly interactive: boolean;
  /** Ends the progress line so that something else can be printed. */
  readonly quiet: () => void;
  /** What went wrong without making the verb fail. */
  readonly remarks: readonly string[];
  readonly ask: (question: string) => Promise<boolean>;
  /** What a person types; of a secret nothing is shown. */
  readonly askText: (question: TextQuestion) => Promise<string>;
}

/** Composes the engine of one verb: progress and questions on stderr, interruption by signal. */
export async function openTerminal({
  options,
  writer,
  environment,
  cwd,
  command,
  managedFiles,
}: TerminalOptions): Promise<TerminalEngine> {
  const interruption = new Interruption();
  const progress = new ProgressLine(writer, options.verbose);
  const interactive = isTerminal(0) && writer.stderrIsTerminal;
  const remarks: string[] = [];
  const detail = options.verbose ? "long" : "short";
  const ask = (question: string): Promise<boolean> => {
    progress.clear();
    return askYesNo(question, interruption.signal);
  };
  const remark = (message: string): void => {
    remarks.push(message);
    if (options.json) return;
    progress.clear();
    writer.err([`note: ${message}`]);
  };
  const engine = await compose({
    home: homeOf(environment),
    managedFiles,
    // git, agents and whatever else is started for a verb are no owners of secrets.
    environment: withoutSecretVariables(environment),
    directory: cwd,
    offline: options.offline,
    remembers: !options.dryRun,
    signal: interruption.signal,
    progress: progress.show,
    remark,
    now: () => new Date(),
    person: {
      interactive,
      accepted: options.accept,
      command,
      detail,
      show: (items) => {
        progress.clear();
        writer.err(["", ...consentLines(items, { detail, command }), ""]);
      },
      ask,
      ...(interactive && { askPlainly: ask }),
    },
  });
  for (const diagnostic of engine.policy.documents.flatMap((document) => document.diagnostics)) {
    remark(`${diagnostic.message} (${placeText(diagnostic) ?? "managed policy"})`);
  }
  return {
    ...engine,
    interactive,
    remarks,
    quiet: () => progress.clear(),
    ask,
    askText: (question) => {
      progress.clear();
      return askText(question, interruption.signal);
    },
    close: async () => {
      progress.clear();
      await engine.close();
      interruption.close();
    },
  };
}
