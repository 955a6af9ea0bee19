import { type CodedError, isCodedError } from "../../schemas/errors.ts";
import { comparePlugins } from "./compare-plugins.ts";
import type { Amount, PluginDifference } from "./difference.ts";
import type { ComparedPlugin } from "./plugin-facts.ts";

/** One plugin of a set that is compared. */
export interface SetMember {
  /** `user`, the real path of a project, or `""` for a set that knows no roots. */
  readonly root: string;
  readonly id: string;
  readonly version: string;
  /** Equal for equal files under equal manifests. */
  readonly content: string;
  /** Absent where a set does not say it. */
  readonly enabled?: boolean | undefined;
  readonly disabledComponents?: readonly string[] | undefined;
  /** Reads its files. Throws `CodedError` when they cannot be had. */
  readonly open: () => Promise<ComparedPlugin>;
}

/** Plugins that belong together, e.g. those of a generation. */
export interface PluginSet {
  /** What it is called, e.g. `generation 3`. */
  readonly label: string;
  readonly members: readonly SetMember[];
}

/** What became of one plugin from one set to another. */
export interface SetChange {
  readonly root: string;
  readonly id: string;
  readonly change: "added" | "removed" | "changed" | "enabled" | "disabled" | "switched";
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Absent when no file differs, and where `problem` says why it is not known. */
  readonly difference?: PluginDifference | undefined;
  readonly problem?: string | undefined;
}

/** How two sets of plugins differ. */
export interface SetDifference {
  readonly from: string;
  readonly to: string;
  /** By root, then id. */
  readonly changes: readonly SetChange[];
  /** Always-on estimate of what is known of the plugins that differ; what is switched off costs nothing. */
  readonly tokens: Amount;
}

/** A change with the two plugins that it was found in, for whoever looks closer. */
export interface OpenedChange {
  readonly change: SetChange;
  readonly before?: ComparedPlugin | undefined;
  readonly after?: ComparedPlugin | undefined;
}

/** Compares two sets; a plugin whose files cannot be had is there with its problem. `wanted` leaves out what nobody asked about. */
export async function compareSets(
  before: PluginSet,
  after: PluginSet,
  wanted: (id: string) => boolean,
): Promise<{ readonly difference: SetDifference; readonly opened: readonly OpenedChange[] }> {
  const [old, now] = [byKey(before), byKey(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  const opened: OpenedChange[] = [];
  const tokens = { before: 0, after: 0 };
  for (const key of keys) {
    const [was, is] = [old.get(key), now.get(key)];
    const shown = is ?? was;
    if (shown === undefined || !wanted(shown.id)) continue;
    const one = await changeOf(was, is, shown);
    if (one === undefined) continue;
    opened.push(one);
    if (was?.enabled !== false) tokens.before += one.change.difference?.tokens.before ?? 0;
    if (is?.enabled !== false) tokens.after += one.change.difference?.tokens.after ?? 0;
  }
  const changes = opened.map(({ change }) => change);
  return { difference: { from: before.label, to: after.label, changes, tokens }, opened };
}

const byKey = ({ members }: PluginSet): ReadonlyMap<string, SetMember> =>
  new Map(members.map((member) => [`${member.root}\0${member.id}`, member]));

async function changeOf(
  was: SetMember | undefined,
  is: SetMember | undefined,
  { root, id }: SetMember,
): Promise<OpenedChange | undefined> {
  const change = kindOf(was, is);
  if (change === undefined) return undefined;
  const common = {
    root,
    id,
    change,
    ...(was === undefined ? {} : { from: was.version }),
    ...(is === undefined ? {} : { to: is.version }),
  };
  // What is only switched costs or saves its tokens all the same.
  try {
    const before = await was?.open();
    const after = was !== undefined && was.content === is?.content ? before : await is?.open();
    const difference = comparePlugins(before, after);
    if (change === "changed" && was?.version === is?.version && isNothing(difference)) return undefined;
    return { change: { ...common, difference }, before, after };
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
    return { change: { ...common, problem: problemText(error) } };
  }
}

function isNothing({ files, contributions, executables }: PluginDifference): boolean {
  return [files, ...Object.values(contributions), ...Object.values(executables)].every((list) => list.length === 0);
}

function kindOf(was: SetMember | undefined, is: SetMember | undefined): SetChange["change"] | undefined {
  if (was === undefined) return "added";
  if (is === undefined) return "removed";
  if (was.content !== is.content || was.version !== is.version) return "changed";
  if (was.enabled !== is.enabled) return is.enabled === false ? "disabled" : "enabled";
  const switches = ({ disabledComponents = [] }: SetMember): string => [...disabledComponents].sort().join("\n");
  return switches(was) === switches(is) ? undefined : "switched";
}

const problemText = ({ message, hint }: CodedError): string => (hint === undefined ? message : `${message}; ${hint}`);
