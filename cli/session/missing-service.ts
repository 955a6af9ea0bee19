import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { BUILTIN } from "../builtin-word.ts";
import { builtinManifests } from "./builtin-manifests.ts";

/** Uses a service of a built-in plugin. Throws `E_SERVICE_MISSING` that names the plugin and how to switch it on. */
export async function required<Result>(service: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    if (!isCodedError(error) || error.code !== "E_SERVICE_MISSING") throw error;
    const id = await builtinProviding(service);
    if (id === undefined) throw error;
    throw new CodedError(
      "E_SERVICE_MISSING",
      `\`${id}\` is switched off, and no other plugin provides \`${service}\`, which a session needs`,
      { hint: `\`plugin enable ${id}\` switches it on`, cause: error },
    );
  }
}

async function builtinProviding(service: string): Promise<string | undefined> {
  const found = Object.values(await builtinManifests()).find(({ plugsmith }) => {
    const provides = plugsmith?.provides;
    return Array.isArray(provides) && provides.includes(service);
  });
  return found === undefined ? undefined : `${found.name}@${BUILTIN}`;
}
