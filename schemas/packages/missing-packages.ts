import type { Diagnostic } from "../diagnostic.ts";
import type { GenerationPlugin } from "../generation.ts";

/** The finding about an installed plugin whose npm packages are not there; the rest of it works. */
export function missingPackages({ packages }: Pick<GenerationPlugin, "packages">): readonly Diagnostic[] {
  if (packages === undefined || !("problem" in packages)) return [];
  const message = `its npm packages are not installed: ${packages.problem}`;
  return [{ code: "W_PACKAGES", severity: "warning", message, hint: packages.hint ?? "`plugin sync` tries again" }];
}
