import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import { advice, type AdviceSubject } from "./subject.ts";

const LICENCE = /^(?:licen[sc]e|copying|unlicense)(?:[.-].*)?$/iu;
const README = /^readme(?:\..*)?$/iu;

/** Whether one of these names is that of a licence. */
export function hasLicence(names: readonly string[]): boolean {
  return names.some((name) => LICENCE.test(name));
}

/** Advice about the papers that people look for before they install something. */
export function paperAdvice({ manifest, tree, licensed }: AdviceSubject): readonly Diagnostic[] {
  const names = (tree.list("") ?? []).map(({ name }) => name);
  const where = manifest.provenance["name"] ?? { file: "" };
  const found: Diagnostic[] = [];
  if (manifest.license === undefined && !licensed && !hasLicence(names)) {
    const hint = "add a file `LICENSE`, and `license` with its SPDX name to the manifest";
    found.push(advice("A_LICENCE_MISSING", "the plugin has no licence, so nobody may use it", where, hint));
  }
  if (!names.some((name) => README.test(name))) {
    const hint = "add a file `README.md`; `--fix` starts one";
    found.push(advice("A_README_MISSING", "the plugin has no readme", where, hint));
  }
  return found;
}
