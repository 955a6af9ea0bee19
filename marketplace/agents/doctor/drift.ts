import { isDeepStrictEqual } from "node:util";
import { isCodedError } from "../../../schemas/errors.ts";
import { readCommentedJson } from "../../../schemas/settings-edit.ts";
import { readTextIfPresent } from "../../generations/state-files.ts";
import { type AgentRecord, NOTHING } from "../agent-state.ts";
import { heldOf } from "../carry.ts";
import { memberAt } from "../config-file.ts";
import { isOwn, withoutObstacles } from "../obstacles.ts";
import { isTaken, wasChanged } from "../placement.ts";
import type { AgentPlugin, AgentTarget, ListedRegistration, Place } from "../target.ts";

/** A difference between what is locked and what an agent has of it. */
export interface Drift {
  /** As in `--to`. */
  readonly agent: string;
  /** `user` or a project's real path. */
  readonly root: string;
  readonly message: string;
  /**
   * What mends it: writing again, writing again over what somebody changed at `path`, or the person alone.
   */
  readonly mend: "carry" | "overwrite" | "person";
  /** Absolute, of what was changed. */
  readonly path?: string | undefined;
}

/** What lies in an agent against what was written there, and that against what is locked. */
export function fileDrift(
  plugins: readonly AgentPlugin[],
  record: AgentRecord,
  target: AgentTarget,
  place: Place,
): readonly Drift[] {
  const own = { agent: target.name, root: place.root };
  const rendering = withoutObstacles(target.render(plugins, place), record, place);
  const drifts: Drift[] = [];
  for (const made of record.placements) {
    const { path } = made;
    if (!isTaken(path)) drifts.push({ ...own, message: `\`${path}\` is gone`, mend: "carry" });
    else if (!isOwn(path, place) && wasChanged(made)) {
      drifts.push({ ...own, message: `\`${path}\` was changed`, mend: "overwrite", path });
    }
  }
  for (const { file, members } of record.configs) drifts.push(...members.flatMap((one) => memberDrift(file, one, own)));
  const wanted = heldOf(plugins, rendering.losses);
  for (const id of wanted) {
    if (!record.held.includes(id)) drifts.push({ ...own, message: `\`${id}\` was never written`, mend: "carry" });
  }
  for (const id of record.held) {
    if (!plugins.some((one) => one.id === id && one.enabled)) {
      drifts.push({ ...own, message: `\`${id}\` is still there`, mend: "carry" });
    }
  }
  const keys = new Map(record.placements.map(({ path, key }) => [path, key]));
  const stale = rendering.placements.filter(({ path, key }) => keys.has(path) && keys.get(path) !== key);
  for (const id of new Set(stale.flatMap(({ plugin }) => plugin ?? []))) {
    drifts.push({ ...own, message: `\`${id}\` is not as it is locked`, mend: "carry" });
  }
  return drifts;
}

function memberDrift(
  file: string,
  { path, value }: AgentRecord["configs"][number]["members"][number],
  own: Pick<Drift, "agent" | "root">,
): readonly Drift[] {
  const name = `\`${path.join(".")}\` in \`${file}\``;
  try {
    const text = readTextIfPresent(file);
    const found = text === undefined ? undefined : memberAt(readCommentedJson(text, file), path);
    if (found === undefined) return [{ ...own, message: `${name} is gone`, mend: "carry" }];
    if (isDeepStrictEqual(found, value)) return [];
    return [{ ...own, message: `${name} was changed`, mend: "person" }];
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return [{ ...own, message: error.message, mend: "person" }];
  }
}

/** What an agent's own program lists against what it was told. */
export function programDrift(
  record: AgentRecord,
  listed: ReadonlyMap<string, ListedRegistration>,
  { name: agent, title }: AgentTarget,
  { root }: Place,
): readonly Drift[] {
  const told = Object.values(record.plugins);
  const drift = (message: string): Drift => ({ agent, root, message, mend: "carry" });
  return [
    ...told.flatMap(({ name, version, enabled }) => {
      const found = listed.get(name);
      if (found === undefined) return enabled ? [drift(`${title} does not list \`${name}\``)] : [];
      if (found.version !== undefined && found.version !== version) {
        return [drift(`${title} has \`${name}\` in version \`${found.version}\`, locked is \`${version}\``)];
      }
      if (found.enabled === enabled) return [];
      return [drift(`${title} has \`${name}\` switched ${found.enabled ? "on" : "off"}`)];
    }),
    ...[...listed.keys()]
      .filter((name) => !told.some((one) => one.name === name))
      .map((name) => drift(`${title} lists \`${name}\`, which is not locked any more`)),
  ];
}

/** Everything of an agent that is not on this machine any more. */
export function lostAgent(record: AgentRecord, { name: agent, title }: AgentTarget, root: string): readonly Drift[] {
  if (record === NOTHING) return [];
  return [{ agent, root, message: `${title} is not on this machine any more, and was given plugins`, mend: "person" }];
}
