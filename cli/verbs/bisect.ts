import { join } from "node:path";
import type { StateChange } from "../../marketplace/bisect/states.ts";
import { TrialHomes } from "../../marketplace/bisect/trial-homes.ts";
import { claimStore } from "../../marketplace/store/store-claim.ts";
import { CodedError } from "../../schemas/errors.ts";
import { bisect, type Bisected, type BisectStep } from "../bisect/bisection.ts";
import { runCommand } from "../bisect/run-command.ts";
import { generationTrials, versionTrials } from "../bisect/trial-states.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { homeOf } from "../home.ts";
import { bold, columns, dim, green, red, yellow } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin bisect`. */
export const verb: Verb = {
  name: "bisect",
  summary: "find the change that made a command fail",
  positionals: [{ name: "command", variadic: true }],
  flags: [
    { name: "good", value: "number|version", summary: "a generation, or version, with which the command succeeds" },
    { name: "bad", value: "number|version", summary: "a later one with which it fails (default: what is installed)" },
    { name: "plugin", value: "name@market", summary: "look among the versions of this plugin, not among generations" },
    { name: "test", summary: "run the plugin's own test cases instead of a command; with `--plugin`" },
  ],
  about: [
    "Halves what lies between: each try runs the command in a home of its own that holds one state (`PLUGSMITH_HOME` names it, `PLUGSMITH_BISECT` the state, and with `--plugin` `PLUGSMITH_BISECT_DIRECTORY` the files of that version). Exit code 0 is good, 125 cannot be tested, everything else is bad. Where a generation changed several plugins, it goes on to the one.",
    "Your own home stays as it is, also when you interrupt. Versions that nobody agreed to ask for consent first, for these tries only.",
  ],
  examples: [
    "plugin bisect --good 3 --bad 35 -- npm test",
    "plugin bisect --good 3 -- sh -c 'plugin list --check'",
    "plugin bisect --plugin git-facts@example --good 1.0.0 --bad 1.9.0 --test",
  ],
  run: async (context, args) => {
    const request = requested(args);
    const engine = await context.engine();
    const { services } = engine;
    const home = homeOf(context.environment);
    using homes = new TrialHomes(home);
    // Trees of past generations are tried, and versions that no generation holds.
    using _ = await claimStore(services.home, { signal: services.signal });
    const { plugin, good, bad } = request;
    const { states, consent, withoutPackages } =
      plugin === undefined
        ? { states: generationTrials(context, good, bad), consent: [], withoutPackages: [] }
        : await versionTrials(context, engine, homes, { plugin, good, bad });
    if (withoutPackages.length > 0)
      services.remark(`npm packages are not there in a try of ${plugin ?? ""} ${withoutPackages.join(", ")}`);
    if (consent.length > 0 && (await services.consent.ask(consent)) === "refused")
      throw new CodedError("E_TRUST", "you did not agree to what would run; nothing was tried", {
        hint: "choose `--good` and `--bad` nearer together",
      });
    const found = await bisect(states, {
      homes,
      now: services.now,
      accepted: consent,
      onStep: (step) => {
        if (!context.options.json) context.writer.err([stepText(step)]);
      },
      run: (trial, { label, tried }) => {
        engine.quiet();
        const directory = tried === undefined ? undefined : join(trial.trees, tried);
        return runCommand({
          argv: request.test ? ownTest(directory) : request.command,
          cwd: context.cwd,
          environment: {
            ...context.environment,
            ...(context.searchPath === undefined ? {} : { PATH: context.searchPath }),
            PLUGSMITH_HOME: trial.directory,
            PLUGSMITH_AGENTS: "off",
            PLUGSMITH_BISECT: label,
            ...(directory === undefined ? {} : { PLUGSMITH_BISECT_DIRECTORY: directory }),
          },
          signal: services.signal,
        });
      },
    });
    return {
      exit: found.isExact ? EXIT.ok : EXIT.failed,
      data: dataOf(found),
      text: () => resultLines(found),
    };
  },
};

interface Requested {
  readonly plugin: string | undefined;
  readonly good: string;
  readonly bad: string | undefined;
  readonly test: boolean;
  readonly command: readonly string[];
}

function requested(args: ParsedArguments): Requested {
  const [plugin, good, bad] = [valueOf(args, "plugin"), valueOf(args, "good"), valueOf(args, "bad")];
  const test = args.switches.has("test");
  const command = args.positionals;
  const usage = (message: string, hint: string): CodedError => new CodedError("E_USAGE", message, { hint });
  if (good === undefined) throw usage("`plugin bisect` needs `--good`", "`plugin generations` lists the numbers");
  if (test && plugin === undefined) throw usage("`--test` needs `--plugin`", "or name a command after `--`");
  if (test === command.length > 0)
    throw usage("`plugin bisect` needs one command", "write it after `--`: `plugin bisect --good 3 -- npm test`");
  return { plugin, good, bad, test, command };
}

/** This very program, on the files of the version. */
function ownTest(directory: string | undefined): readonly string[] {
  return [process.execPath, process.argv[1] ?? "", "test", directory ?? "."];
}

const changeData = ({ root, id, before, after }: StateChange) => ({
  root,
  id,
  ...(before === undefined ? {} : { from: before.version }),
  ...(after === undefined ? {} : { to: after.version }),
});

function dataOf({ good, bad, isExact, culprits, changes, steps }: Bisected) {
  return {
    outcome: isExact ? "found" : "unclear",
    good: good.label,
    bad: bad.label,
    culprits: culprits.map(changeData),
    changes: changes.map(changeData),
    steps,
  };
}

const VERDICTS = { good: green("good"), bad: red("bad"), skip: yellow("skipped") } as const;

function stepText({ state, verdict, exit }: BisectStep): string {
  return `${VERDICTS[verdict]} ${state}${dim(exit === undefined ? " (ended by a signal)" : ` (exit ${String(exit)})`)}`;
}

function resultLines({ good, bad, isExact, culprits, changes, steps }: Bisected): readonly string[] {
  const rows = (ones: readonly StateChange[]): readonly string[] =>
    columns(
      ones.map(({ id, before, after }) => [
        bold(id),
        `${before?.version ?? "not there"} -> ${after?.version ?? "not there"}`,
      ]),
      "  ",
    );
  const others = changes.filter((one) => !culprits.includes(one));
  return [
    isExact
      ? `${red("first bad:")} ${bold(bad.label)}; ${good.label} is good (${steps.length === 1 ? "1 try" : `${String(steps.length)} tries`})`
      : `${yellow("not clear:")} between ${good.label} and ${bad.label} nothing could be tested`,
    ...rows(culprits),
    ...(others.length === 0 ? [] : [dim("  without harm:"), ...rows(others)]),
    ...differenceHint(culprits, bad.label),
  ];
}

function differenceHint(culprits: readonly StateChange[], bad: string): readonly string[] {
  const [only] = culprits;
  const number = /^generation (\d+)$/u.exec(bad)?.[1];
  if (only?.before === undefined || only.after === undefined) return [];
  if (number !== undefined)
    return [`  hint: \`plugin diff ${String(Number(number) - 1)}..${number}\` shows what it changed`];
  return [`  hint: \`plugin diff ${only.id} ${only.before.version}..${only.after.version}\` shows what it changed`];
}
