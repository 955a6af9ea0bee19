import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { announcementsOf } from "../core/isolate/announcements.ts";
import { sandboxProbe } from "../core/isolate/sandbox-probe.ts";
import type { Announced } from "../marketplace/author/pack/pack.ts";
import type { PluginManifest } from "../schemas/plugin-manifest.ts";
import { NO_CAPABILITIES, readExtension } from "../schemas/plugsmith-extension.ts";
import { homeOf } from "./home.ts";

/** The part behind the `@` of a plugin that is packed: nobody has installed it from anywhere. */
const ORIGIN = "packed";

/** Runs the code of a plugin's folder as a host would, without any grant, to see what it adds. */
export async function announced(
  directory: string,
  manifest: PluginManifest,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Announced> {
  const id = `${manifest.name}@${ORIGIN}`;
  const extension = readExtension(manifest.plugsmith, id).value;
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "plugsmith-activate-")));
  const project = join(scratch, "project");
  mkdirSync(project);
  try {
    const { contributes, listens, provides } = await announcementsOf({
      info: {
        id,
        name: manifest.name,
        version: manifest.version ?? "",
        tier: "session",
        directory: realpathSync(directory),
        dataDirectory: join(scratch, "data"),
      },
      entry: extension.entry ?? "",
      extension,
      granted: NO_CAPABILITIES,
      environment: given,
      places: {
        homeDirectory: environment["HOME"] ?? homedir(),
        projectDirectory: project,
        plugsmithHome: homeOf(environment).directory,
      },
      sandbox: sandboxProbe(given),
      degraded: "refuse",
      isGuardGate: () => false,
    });
    const own = (key: string): string => (key.startsWith(`${id}/`) ? key.slice(id.length + 1) : key);
    return {
      contributes: Object.fromEntries(Object.entries(contributes).map(([key, list]) => [own(key), list])),
      listens: listens.map(own),
      provides: provides.map(own),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
