import { IMPORTABLE, readHoldings } from "../../marketplace/agents/import/holdings.ts";
import { type Proposal, propose, requestsOf } from "../../marketplace/agents/import/proposal.ts";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import { CodedError } from "../../schemas/errors.ts";
import { performChange } from "../change.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeDirectoryOf, homeOf } from "../home.ts";
import { doubleLines, proposalLines } from "../print/import-text.ts";
import { red } from "../print/style.ts";
import type { TerminalEngine } from "../terminal.ts";
import { namedAgents, TO_FLAG } from "../to-flag.ts";
import type { Verb, VerbResult } from "../verb.ts";

/** `plugin import`. */
export const verb: Verb = {
  name: "import",
  summary: "take over what other agents have installed by themselves",
  positionals: [{ name: "agent", variadic: true }],
  flags: [TO_FLAG],
  about: [
    `Reads what agents (${IMPORTABLE.join(", ")}; all of them when none is named) installed by themselves, and proposes the`,
    "marketplaces to add and the plugins to install, in the versions that are there. Nothing is changed before you said yes.",
  ],
  examples: ["plugin import --dry-run", "plugin import claude", "plugin import codex gemini --yes"],
  run: async (context, args) => {
    const { scope } = context.options;
    if (scope !== undefined && scope !== "user") {
      throw new CodedError("E_USAGE", `what agents hold for you is imported for you, not with \`--scope ${scope}\``, {
        hint: "leave `--scope` out",
      });
    }
    const engine = await context.engine();
    const proposal = await proposalOf(context, engine, args.positionals);
    engine.quiet();
    if (!context.options.json) context.writer.out(proposalLines(proposal));
    const fresh = proposal.marketplaces.filter(({ isNew }) => isNew);
    if (fresh.length === 0 && proposal.plugins.length === 0) {
      return result(proposal, "nothing", ["nothing to import"]);
    }
    if (context.options.dryRun) return result(proposal, "dry-run", ["dry run, nothing was changed"]);
    if (!(await isWanted(context, engine, proposal))) {
      const hint = engine.interactive ? [] : ["  hint: nobody can be asked; `--yes` says yes to this proposal"];
      return result(proposal, "declined", [`${red("not done")}, nothing was changed`, ...hint]);
    }
    for (const { source } of fresh) await engine.catalogs.add(source);
    const added = fresh.map(({ name }) => name);
    if (proposal.plugins.length === 0) {
      return result(proposal, "done", [`added ${added.join(", ")}`], added);
    }
    const requests = requestsOf(proposal.plugins);
    const changed = await performChange(
      context,
      { scope: "user" },
      { verb: "add", requests },
      { to: namedAgents(args) },
    );
    const { outcome } = changed.data;
    return {
      exit: changed.exit,
      data: { proposal, outcome, added, change: changed.data },
      text: () => [...changed.text(), ...(outcome === "done" ? doubleLines(proposal.doubles) : [])],
    };
  },
};

async function proposalOf(
  { environment }: VerbContext,
  { catalogs, sources, services }: TerminalEngine,
  names: readonly string[],
): Promise<Proposal> {
  const home = homeOf(environment);
  const machine = { environment, homeDirectory: homeDirectoryOf(environment) };
  const holdings = await readHoldings(names, machine, home);
  const installed = new Set(readCurrent(home)?.roots["user"]?.plugins.map(({ id }) => id));
  return propose(holdings, { catalogs, sources, isInstalled: (id) => installed.has(id), progress: services.progress });
}

async function isWanted(
  { options, writer }: VerbContext,
  engine: TerminalEngine,
  proposal: Proposal,
): Promise<boolean> {
  if (options.yes) return true;
  if (!engine.interactive) return false;
  if (options.json) writer.err(proposalLines(proposal));
  writer.err([""]);
  return engine.ask("import this?");
}

function result(
  proposal: Proposal,
  outcome: "done" | "nothing" | "dry-run" | "declined",
  text: readonly string[],
  added: readonly string[] = [],
): VerbResult {
  return {
    exit: outcome === "declined" ? EXIT.failed : EXIT.ok,
    data: { proposal, outcome, added },
    text: () => text,
  };
}
