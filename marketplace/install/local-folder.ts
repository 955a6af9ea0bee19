import { isCodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { Services } from "../services.ts";

/** The folder of a plugin that was added by path; `undefined` when it does not exist. */
export function openFolder(path: string, { openTree }: Pick<Services, "openTree">): FileTree | undefined {
  try {
    const tree = openTree(path);
    return tree.list("") === undefined ? undefined : tree;
  } catch (error) {
    if (isCodedError(error) && error.code === "E_NOT_FOUND") return undefined;
    throw error;
  }
}
