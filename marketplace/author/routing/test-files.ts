import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import { readPluginTests, type ReadTests } from "../../../schemas/read-plugin-tests.ts";

const FOLDER = "tests";
const MAX_BYTES = 1_000_000;

/** Names of the test files of a plugin, sorted; other things may lie beside them. */
function testFiles(tree: FileTree): readonly string[] {
  return (tree.list(FOLDER) ?? []).flatMap(({ name }) => (/\.ya?ml$/u.test(name) ? [`${FOLDER}/${name}`] : []));
}

/** Reads every test file of a plugin. */
export function readTests(tree: FileTree): ReadTests {
  const read = testFiles(tree).map((file) => readOne(tree, file));
  return {
    cases: read.flatMap(({ cases }) => cases),
    routing: read.flatMap(({ routing }) => routing),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** The declared prompts of a plugin alone: cheap where there are none. Errors in its files are its author's. */
export function readRouting(tree: FileTree): ReadTests["routing"] {
  return routingTexts(tree).flatMap(({ file, text }) => readPluginTests(text, file).routing);
}

/** Paths of the test files that declare prompts. */
export function routingFiles(tree: FileTree): readonly string[] {
  return routingTexts(tree).map(({ file }) => file);
}

function routingTexts(tree: FileTree): readonly { readonly file: string; readonly text: string }[] {
  return testFiles(tree).flatMap((file) => {
    const bytes = tree.read(file, MAX_BYTES);
    const text = bytes === undefined ? "" : new TextDecoder().decode(bytes);
    return /^routing\s*:/mu.test(text) ? [{ file, text }] : [];
  });
}

function readOne(tree: FileTree, file: string): ReadTests {
  const bytes = tree.read(file, MAX_BYTES);
  if (bytes !== undefined) return readPluginTests(new TextDecoder().decode(bytes), file);
  const diagnostic: Diagnostic = {
    code: "E_NOT_FOUND",
    severity: "error",
    message: "the test file cannot be read",
    file,
    hint: "a test file is a regular file of the plugin",
    dropped: "test",
  };
  return { cases: [], routing: [], diagnostics: [diagnostic] };
}
