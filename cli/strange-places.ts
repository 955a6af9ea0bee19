import type { Interaction, StrangePlace } from "../marketplace/install/change.ts";
import { CodedError } from "../schemas/errors.ts";
import { shellWord } from "../schemas/shell-word.ts";
import type { VerbContext } from "./context.ts";
import type { FlagSpec, ParsedArguments } from "./flags.ts";
import { counted } from "./print/amount.ts";
import { bold, dim, foreign, yellow } from "./print/style.ts";
import { isTrusted, projectAround } from "./required-trust.ts";
import type { TerminalEngine } from "./terminal.ts";

/** The flag that lets one command go where the files of a project lead. */
export const TRUST_FLAG: FlagSpec = {
  name: "trust-workspace",
  summary: "go to marketplaces that only this project names, for this run",
};

/** How many places are shown. */
const MAX_SHOWN = 20;

/** Lets a command go where a project's files lead when a person trusts the project, said so for this run, or says so now. */
export function askAboutPlaces(
  context: VerbContext,
  engine: Pick<TerminalEngine, "interactive" | "ask" | "quiet">,
  args?: ParsedArguments,
): Interaction["allowPlaces"] {
  const { environment, writer } = context;
  return async (project, places) => {
    if (args?.switches.has(TRUST_FLAG.name) === true || isTrusted(projectAround(project, environment), environment))
      return;
    const forRun = args === undefined ? "" : `, \`--${TRUST_FLAG.name}\` lets this command go there`;
    const hint = `read what they are; \`plugin trust ${shellWord(project)}\` trusts the project${forRun}`;
    if (!engine.interactive) throw refused(project, places, hint);
    engine.quiet();
    writer.err([
      "",
      `${yellow(bold("trust"))} ${reason(places)}, and you do not trust the project ${foreign(project)}`,
      ...placeLines(places),
      "",
    ]);
    if (await engine.ask(places.length === 1 ? "use it?" : "use them?")) return;
    throw new CodedError("E_TRUST", "you did not agree to go there; nothing was fetched", { hint });
  };
}

/** Where nobody is asked: no place that only a project names is used. */
export const refusePlaces: Interaction["allowPlaces"] = (project, places) =>
  Promise.reject(refused(project, places, "`plugin sync` in a terminal there asks about them"));

function refused(project: string, places: readonly StrangePlace[], hint: string): CodedError {
  const message = [`${reason(places)}, and nobody trusts \`${project}\` yet`, ...placeLines(places)].join("\n");
  return new CodedError("E_TRUST", message, { hint, data: { project, places } });
}

function reason(places: readonly StrangePlace[]): string {
  return `this leads to ${counted(places.length, "place")} that only the project's own files name`;
}

function placeLines(places: readonly StrangePlace[]): readonly string[] {
  const shown = places
    .slice(0, MAX_SHOWN)
    .map(({ name, address, where }) => `  ${bold(foreign(name))} ${foreign(address)} ${dim(`(${where})`)}`);
  return places.length > MAX_SHOWN ? [...shown, `  and ${String(places.length - MAX_SHOWN)} more`] : shown;
}
