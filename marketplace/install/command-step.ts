import { CodedError } from "../../schemas/errors.ts";
import type { SourceSpec } from "../../schemas/source-spec.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { ConsentItem } from "../plan/plan.ts";
import { policyRefusal } from "../policy-refusal.ts";
import type { Services } from "../services.ts";
import { seededTree } from "../store/seeds.ts";
import type { Store } from "../store/store.ts";
import type { Desired } from "./desired.ts";
import { searchEntry } from "./entries.ts";
import { splitId } from "./ids.ts";
import type { RootState } from "./root-state.ts";

type CommandSource = Extract<SourceSpec, { readonly kind: "command" }>;

/** What running commands works with. */
export interface CommandStepOptions {
  readonly services: Services;
  readonly catalogs: Catalogs;
  readonly store: Store;
  /** Plugins whose command this verb has run already. */
  readonly ran: Set<string>;
}

/** The digest that a yes to a command is bound to. */
export function commandDigest(command: string): string {
  return digestOf(`plugsmith command source 1\n${command}\n`);
}

/**
 * Asks for the commands of plugins that people wrote down themselves and that are new here, to be updated, or missing, and runs them; a plugin
 * that only another one needs is not among them. The yes is for this time alone. Throws `E_SOURCE_BLOCKED` when policy refuses,
 * `E_OFFLINE`, `E_TRUST` without a yes, and what `CommandSources.run` throws.
 */
export async function runSourceCommands(
  state: RootState,
  desired: Desired,
  { services, catalogs, store, ran }: CommandStepOptions,
): Promise<void> {
  const wanted = new Map<string, CommandSource>();
  for (const id of new Set([desired.shared, desired.local].flatMap((intent) => Object.keys(intent?.plugins ?? {})))) {
    if (ran.has(id)) continue;
    const source = await sourceOf(id, state, desired, { services, catalogs, store });
    if (source !== undefined) wanted.set(id, source);
  }
  if (wanted.size === 0) return;
  requireAllowed(services);
  if (services.offline) {
    throw new CodedError("E_OFFLINE", `the command of \`${[...wanted.keys()][0] ?? ""}\` may use the network`, {
      hint: "run it once without `--offline`",
    });
  }
  const items = [...wanted].map(([id, { command }]): ConsentItem => {
    const digest = commandDigest(command);
    const executables = [{ id, kind: "source", name: splitId(id).name, display: command }];
    return {
      id,
      version: "of unknown version",
      closure: digest,
      tree: digest,
      executables,
      origin: "a command of its catalog",
    };
  });
  const answer = await services.consent.ask(items);
  for (const { id, closure } of items) {
    const outcome = answer === "granted" ? "allowed" : "denied";
    services.audit.append({ action: "run-source-command", subject: id, outcome, detail: { digest: closure } });
  }
  if (answer === "refused") {
    throw new CodedError("E_TRUST", "you did not agree to the command that brings the plugin; nothing was changed", {
      hint: "ask the owner of the catalog for another kind of source",
    });
  }
  for (const [id, source] of wanted) {
    await services.commands.run(id, source);
    ran.add(id);
  }
}

/** The command that has to be run for a plugin; `undefined` when none has to. */
async function sourceOf(
  id: string,
  { shared, installed }: RootState,
  { frozen, unlocked }: Desired,
  { services, catalogs, store }: Omit<CommandStepOptions, "ran">,
): Promise<CommandSource | undefined> {
  const locked = shared.lock.value.plugins[id] ?? installed.get(id);
  if (locked !== undefined && (frozen || !unlocked.has(id))) {
    const { source, tree } = locked;
    if (source.kind !== "command" || store.has(tree) || seededTree(tree, services) !== undefined) return undefined;
    return source;
  }
  const { name, market } = splitId(id);
  if (frozen || !catalogs.has(market)) return undefined;
  const found = searchEntry(await catalogs.get(market), name);
  return found.kind === "found" && found.entry.source.kind === "command" ? found.entry.source : undefined;
}

function requireAllowed({ decide, audit }: Services): void {
  const verdict = decide({ kind: "flag", name: "command-source" }, "use");
  if (verdict.allowed) return;
  const { reason, rule } = verdict;
  audit.append({ action: "run-source-command", subject: "command-source", outcome: "denied", detail: { reason } });
  throw policyRefusal(rule, `policy allows no plugin that a command brings: ${reason}`);
}
