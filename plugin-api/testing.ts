/** What a test of a plugin names in types: the tree that a plugin is read from and the findings about it. */
export type { Diagnosed, Diagnostic, DiagnosticCode, Severity } from "../schemas/diagnostic.ts";
export type { FileTree, TreeEntry, TreeNode } from "../schemas/formats/file-tree.ts";
/** A host in memory for the test of one plugin. */
export { activatePlugin, type ActivatedPlugin, type TestSurroundings } from "./testing/activated-plugin.ts";
/** What replacements of `transcript` and `turn-loop` must do, as cases for any test framework. */
export type { ConformanceCase } from "./testing/conformance-case.ts";
export { sessionConformance, type SessionSubject } from "./testing/session-conformance.ts";
export { turnConformance, type TurnSurroundings } from "./testing/turn-conformance.ts";
export type { TurnSubject } from "./testing/turn-scene.ts";
