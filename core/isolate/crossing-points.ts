import * as component from "../../plugin-api/points/component.ts";
import { CodedError } from "../../schemas/errors.ts";

/** Points of components: commands of hooks and servers, paths of files, which the host runs and reads with its own rights. */
const COMPONENTS: ReadonlySet<string> = new Set(Object.values(component).map(({ key }) => key));

/** Throws `E_ISOLATION` for a point whose contributions would act outside the plugin's own process. */
export function requireContributable(plugin: string, key: string): void {
  if (!COMPONENTS.has(key)) return;
  throw new CodedError("E_ISOLATION", `\`${plugin}\` contributes to \`${key}\` by code`, {
    hint: "components stand in the manifest and its folders, where a person sees them before they run",
  });
}
