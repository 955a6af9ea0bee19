import { isCodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import { imageOfKey, type ImageReference, imageText } from "../../schemas/launchers/image-reference.ts";
import { packagesOfKey } from "../../schemas/launchers/launcher-lock.ts";
import type { Services } from "../services.ts";
import { chooseRelease } from "./choose-release.ts";
import { launcherRegistry } from "./lock-launchers.ts";

/** A package, or an image with its tag, that a command starts, where an update would lock another version or digest of it. */
export interface NewerLauncher {
  readonly package: string;
  readonly installed: string;
  /** What an update would lock; absent when its registry could not be asked. */
  readonly wanted?: string | undefined;
  readonly problem?: string | undefined;
}

/** Compares what the commands of a plugin are locked to with what registries offer for the same words. */
export async function newerLaunchers(
  { launchers = {} }: Pick<GenerationPlugin, "launchers">,
  services: Services,
): Promise<readonly NewerLauncher[]> {
  const registry = launcherRegistry(services, services.signal);
  const found = new Map<string, NewerLauncher>();
  for (const [program, launcher] of Object.entries(launchers)) {
    const image = "image" in launcher ? imageOfKey(program) : undefined;
    if (image !== undefined && "image" in launcher) {
      const newer = await newerImage(image, launcher.image, services);
      if (newer !== undefined) found.set(program, newer);
    }
    if (!("packages" in launcher)) continue;
    for (const { name, version } of packagesOfKey(program.split(" > ", 1)[0] ?? "") ?? []) {
      const own = launcher.packages.find((each) => each.startsWith(`${name}@`));
      const installed = own?.slice(name.length + 1);
      if (installed === undefined) continue;
      try {
        const wanted = chooseRelease(await registry.document(name), version ?? "", registry.isEligible)?.version;
        if (wanted !== undefined && wanted !== installed)
          found.set(`${name}@${wanted}`, { package: name, installed, wanted });
      } catch (error) {
        services.signal.throwIfAborted();
        if (!isCodedError(error)) throw error;
        found.set(name, { package: name, installed, problem: error.message });
      }
    }
  }
  return [...found.values()];
}

async function newerImage(
  image: ImageReference,
  installed: string,
  { images, signal }: Services,
): Promise<NewerLauncher | undefined> {
  const named = imageText(image);
  try {
    const wanted = await images.announcedDigestOf(image, signal);
    return wanted === installed ? undefined : { package: named, installed, wanted };
  } catch (error) {
    signal.throwIfAborted();
    if (!isCodedError(error)) throw error;
    return { package: named, installed, problem: error.message };
  }
}
