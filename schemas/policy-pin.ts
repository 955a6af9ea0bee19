import type { LockedSource } from "./lockfile.ts";
import type { PluginRule } from "./policy-plugin-rules.ts";
import { isVersionIn, namesOneVersion } from "./version-range.ts";

/** What of a plugin can be pinned, as far as it is known. */
export interface PinnedSubject {
  readonly version?: string | undefined;
  readonly tree?: string | undefined;
  readonly source?: LockedSource | undefined;
  /** The range that somebody wants it in. */
  readonly range?: string | undefined;
}

/** In which way a plugin is not the one that a rule is about, as a clause; `undefined` when it is, or when that is not known yet. */
export function mismatch({ value: { version, digests } }: PluginRule, subject: PinnedSubject): string | undefined {
  if (version !== undefined && subject.version !== undefined && !isVersionIn(subject.version, version))
    return `this rule admits \`${version}\` only, and this is ${subject.version}`;
  if (digests !== undefined && subject.tree !== undefined && !digests.includes(subject.tree))
    return `this rule pins other files of it, and these are \`${subject.tree}\``;
  return undefined;
}

/**
 * Why a plugin that no rule pins by digest counts as not pinned, as a clause; `undefined` when it is. The lock pins every tree; beside
 * that, what people want names one version, and the source is one whose bytes a name stands for.
 */
export function unpinned({ range, source, version = "1.2.3" }: PinnedSubject): string | undefined {
  if (range !== undefined && !namesOneVersion(range))
    return `this switch wants one exact version such as \`${version}\`, and \`${range}\` is none`;
  if (source?.kind === "directory" || source?.kind === "command")
    return `this switch wants a source that pins its content, and a ${source.kind} does not; a rule of \`plugins\` can, by \`digest\``;
  return undefined;
}
