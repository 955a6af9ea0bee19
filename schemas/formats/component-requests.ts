import { locatedAt } from "./json-file.ts";
import { isRecord } from "../record.ts";
import type { Located } from "./json-file.ts";
import { addedField, baseField } from "./manifest-basis.ts";
import type { ManifestBasis } from "./manifest-basis.ts";
import type { PathRequest, ReadContext } from "./read-context.ts";
import { requestPath } from "./read-context.ts";

/** How a key and its default folder combine. */
export interface FolderRule {
  readonly kind: string;
  /** Path of the key in the manifest, newest spelling first. */
  readonly keys: readonly (readonly string[])[];
  readonly folder: string;
  /** `adds`: default and key; `replaces`: the key alone. */
  readonly key: "adds" | "replaces";
}

/** The paths a key declares; values that are not text are the caller's. */
export function declaredPaths(
  context: ReadContext,
  located: Located | undefined,
  kind: string,
): readonly PathRequest[] {
  if (located === undefined) return [];
  const parts = Array.isArray(located.value) ? located.value.map((_, index) => locatedAt(located, [index])) : [located];
  return parts.flatMap((part) => {
    const request = typeof part.value === "string" ? requestPath(context, part.value, part.where(), kind) : undefined;
    return request === undefined ? [] : [request];
  });
}

/** The paths to read for a kind: default folder and declared ones by its rule, then what the entry adds. */
export function folderRequests(context: ReadContext, basis: ManifestBasis, rule: FolderRule): readonly PathRequest[] {
  const key = rule.keys.map((path) => baseField(basis, path)).find((located) => located !== undefined);
  const declared = declaredPaths(context, key, rule.kind);
  const added = declaredPaths(context, addedField(basis, rule.keys.at(-1)?.[0] ?? ""), rule.kind);
  const replaced = key !== undefined && rule.key === "replaces";
  if (replaced) warnIgnoredFolder(context, rule, key, declared);
  return [...(replaced ? [] : [{ path: rule.folder }]), ...declared, ...added];
}

/** Values of a key that merges: the base's, located. */
export function mergedValues(basis: ManifestBasis, key: string): readonly Located[] {
  const base = baseField(basis, [key]);
  return base === undefined ? [] : [base];
}

function warnIgnoredFolder(
  context: ReadContext,
  rule: FolderRule,
  key: Located,
  declared: readonly PathRequest[],
): void {
  if (context.tree.stat(rule.folder)?.kind !== "directory") return;
  if (declared.some(({ path }) => path === rule.folder || path.startsWith(`${rule.folder}/`))) return;
  const name = rule.keys[0]?.join(".") ?? rule.kind;
  context.findings.warn(
    "W_FOLDER_IGNORED",
    `default folder \`${rule.folder}/\` is ignored because the manifest sets \`${name}\``,
    key.where(),
    { hint: `add \`./${rule.folder}/\` to \`${name}\`, or remove the key` },
  );
}

/** Whether a located value is a map of commands instead of paths. */
export function isCommandMap(located: Located | undefined): located is Located {
  return located !== undefined && isRecord(located.value);
}
