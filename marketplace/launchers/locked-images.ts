import { fullImage, type ImageDigest, type ImageReference } from "../../schemas/launchers/image-reference.ts";
import { launcherKey, type LockedLauncher } from "../../schemas/launchers/launcher-lock.ts";
import { launcherUses } from "../../schemas/launchers/launcher-uses.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";

/** A container image that commands of a plugin start, by its digest. */
export interface StartedImage {
  readonly image: ImageReference;
  readonly digest: ImageDigest;
  /** Both, for people. */
  readonly text: string;
}

/** The images of a plugin's commands whose digests are known: pinned by the command itself or by a lock. */
export function lockedImages(
  manifest: Pick<PluginManifest, "contributions">,
  launchers: Readonly<Record<string, LockedLauncher>>,
): readonly StartedImage[] {
  return launcherUses(manifest).flatMap(({ call }): readonly StartedImage[] => {
    if (call.kind !== "image") return [];
    const { image } = call;
    const locked = launchers[launcherKey(call)];
    const digest = image.digest ?? (locked !== undefined && "image" in locked ? locked.image : undefined);
    return digest === undefined ? [] : [{ image, digest, text: fullImage(image, digest) }];
  });
}
