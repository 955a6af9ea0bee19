export type { FileTree } from "./file-tree.ts";
export { memoryTree } from "./memory-tree.ts";
export type { MemoryFile } from "./memory-tree.ts";
export type { ReadPluginOptions } from "./read-context.ts";
export { detectFormat, readManifestHead, readPlugin } from "./read-plugin.ts";
export type { PluginReading } from "./read-plugin.ts";
export { executables } from "./executables.ts";
export { tokenEstimate } from "./token-estimate.ts";
export { validatePlugin } from "./validate-plugin.ts";
