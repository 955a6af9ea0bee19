/** One change of a JSON text; `undefined` removes the member. */
export interface JsonEdit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * Applies changes to a JSON text that is written as we write it; `undefined` when it is not, or a change is not one of
 * members of objects, which is what `editCommentedJson` is for. Where both can, both give the same text.
 */
export function editPlainJson(text: string, edits: readonly JsonEdit[]): string | undefined {
  const root = plainValue(text);
  if (root === undefined) return undefined;
  for (const { path, value } of edits) if (!isPlainValue(value) || !setMember(root, path, value)) return undefined;
  return written(root);
}

type JsonObject = Record<string, unknown>;

const written = (root: JsonObject): string => `${JSON.stringify(root, null, 2)}\n`;

function plainValue(text: string): JsonObject | undefined {
  try {
    const root: unknown = JSON.parse(text);
    return isObject(root) && written(root) === text ? root : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Sets or removes one member; `false` when that would not leave the order of the members alone. */
function setMember(root: JsonObject, path: readonly (string | number)[], value: unknown): boolean {
  let parent = root;
  for (const [at, step] of path.entries()) {
    if (typeof step !== "string" || /^\d/u.test(step) || step === "__proto__") return false;
    if (at === path.length - 1) {
      // The last member takes its braces' line breaks along, which is the other editor's business.
      if (value === undefined && Object.keys(parent).length < 2) return false;
      if (value === undefined) Reflect.deleteProperty(parent, step);
      else parent[step] = value;
      return true;
    }
    const child = Object.hasOwn(parent, step) ? parent[step] : undefined;
    if (!isObject(child)) return false;
    parent = child;
  }
  return false;
}

/** Whether a value is written in one way only. */
function isPlainValue(value: unknown): boolean {
  return value === undefined || typeof value === "string" || typeof value === "boolean";
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
