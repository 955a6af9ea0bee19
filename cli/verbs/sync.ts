import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import type { Home } from "../../marketplace/home.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Plan } from "../../marketplace/plan/plan.ts";
import { performChange } from "../change.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { bringRequired, missingRequired } from "../policy/required.ts";
import { planLines } from "../print/plan-text.ts";
import { defaultScope, targetOf } from "../target.ts";
import { TRUST_FLAG } from "../strange-places.ts";
import { namedAgents, TO_FLAG } from "../to-flag.ts";
import type { ParsedArguments } from "../flags.ts";
import type { Verb } from "../verb.ts";

/** A project that has neither files nor a set of its own is most likely the wrong directory. */
function refuseNoProject(directory: string, home: Home): void {
  const files = ["plugins.json", "plugins.lock", ".plugsmith/local.json"].map((name) => join(directory, name));
  if (files.some((file) => existsSync(file)) || readCurrent(home)?.roots[directory] !== undefined) return;
  throw new CodedError("E_NOT_FOUND", `no \`plugins.json\` is in \`${directory}\` or above it`, {
    hint: "go to the project or give `--cwd <dir>`; `plugin add <name> --scope project` starts a new one",
  });
}

/** Installs for the person what policy requires; whether something of it is missing afterwards, which is said. Throws `E_TRUST`. */
async function bringHere(context: VerbContext, isFrozen: boolean): Promise<boolean> {
  const { dryRun, verbose } = context.options;
  const engine = await context.engine();
  const { documents } = engine.policy;
  if (documents.length === 0) return false;
  const { remark, home } = engine.services;
  const missing = missingRequired(home, documents);
  if (isFrozen) {
    for (const { id } of missing) remark(`policy requires \`${id}\`, which \`--frozen\` does not install`);
    return missing.length > 0;
  }
  const show = (plan: Plan): void => {
    engine.quiet();
    context.writer.err(planLines(plan, verbose ? "long" : "short"));
  };
  const brought = await bringRequired(engine, missing, { dryRun, show });
  for (const { plugin, error } of brought) {
    if (error?.code === "E_TRUST") throw error;
    const [done, id] = [dryRun ? "would install" : "installed", plugin.id];
    if (error === undefined) remark(`${done} \`${id}\`, which policy requires`);
    else remark(`policy requires \`${id}\`, which is not installed: ${error.message}`);
  }
  return brought.some(({ error }) => error !== undefined);
}

/** What locking tools does not go with. Throws `E_USAGE` and `E_FROZEN`. */
function refuseLocking(args: ParsedArguments, isFrozen: boolean): void {
  const other = args.switches.has("frozen") ? "frozen" : namedAgents(args) === undefined ? undefined : "to";
  if (other !== undefined) {
    throw new CodedError(
      "E_USAGE",
      `\`--lock-tools\` writes the lock and nothing else, so it does not go with \`--${other}\``,
      {
        hint: "run `plugin sync` once with the one and once with the other",
      },
    );
  }
  if (!isFrozen) return;
  throw new CodedError("E_FROZEN", "`--lock-tools` writes the lock, which `CI=true` forbids", {
    hint: "lock the tools on a machine where somebody used them, and commit the lock",
  });
}

/** `plugin sync`. */
export const verb: Verb = {
  name: "sync",
  summary: "make the installed set match plugins.json and plugins.lock",
  positionals: [],
  flags: [
    { name: "frozen", summary: "change neither file, fail when they disagree (implied by CI=true)" },
    { name: "lock-tools", summary: "write into the lock what tools of MCP servers said at their first use here" },
    TO_FLAG,
    TRUST_FLAG,
  ],
  about: [
    "In a project with a plugins.json it acts on the project, elsewhere on the user. What policy requires is installed for the user first.",
    "`--lock-tools` changes nothing but the lock: it gets a digest of what each tool of the MCP servers said when they were used in a session on this machine. Wherever the lock is synced, a tool that says something else is off until a person saw it.",
  ],
  examples: ["plugin sync", "plugin sync --frozen --accept sha256-...", "plugin sync --lock-tools --dry-run"],
  run: async (context, args) => {
    const home = homeOf(context.environment);
    const target = targetOf(context, context.options.scope ?? defaultScope(context, home), home);
    if (context.options.scope !== undefined && target.directory !== undefined) refuseNoProject(target.directory, home);
    const ci = context.environment["CI"];
    const frozen = args.switches.has("frozen") || ci === "true" || ci === "1";
    if (args.switches.has("lock-tools")) {
      refuseLocking(args, frozen);
      const { pinnedTools } = await import("../pinned-tools.ts");
      return performChange(context, target, pinnedTools(home, target), { args });
    }
    const unmet = await bringHere(context, frozen && target.scope === "user");
    const result = await performChange(context, target, { verb: "sync", frozen }, { to: namedAgents(args), args });
    return unmet && result.exit === EXIT.ok ? { ...result, exit: EXIT.failed } : result;
  },
};
