import { statSync } from "node:fs";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Capabilities } from "../../schemas/plugsmith-extension.ts";
import { bubblewrapBase, bubblewrapMounts, withProcessLimit, type Mount } from "./bubblewrap.ts";
import { closedPlaces, grantedEnvironment, grantedPaths } from "./capabilities.ts";
import type { Launch } from "./child-link.ts";
import type { ChildRuntime } from "./child-runtime.ts";
import { isWithin, realPath } from "../platform/real-path.ts";
import type { Places } from "./places.ts";
import type { ChildLimits } from "./limits.ts";
import { nodeFeatures } from "./node-features.ts";
import type { Sandbox } from "./sandbox.ts";
import { seatbeltProfile } from "./seatbelt.ts";

/** What the start of a plugin's process depends on. */
export interface LaunchOptions {
  readonly info: PluginInfo;
  readonly capabilities: Capabilities;
  readonly places: Places;
  readonly sandbox: Sandbox;
  readonly runtime: ChildRuntime;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: ChildLimits;
}

/** The program that runs a plugin: Node with permission flags, in the sandbox where there is one. */
export function launchOf(options: LaunchOptions): Launch {
  const { capabilities, sandbox } = options;
  const mounts = mountsOf(options);
  const node = [process.execPath, ...nodeFlags(options, mounts), options.runtime.entry];
  const environment = grantedEnvironment(capabilities, options.environment);
  switch (sandbox.kind) {
    case "bubblewrap": {
      const args = [
        ...bubblewrapBase(sandbox, capabilities),
        ...bubblewrapMounts(mounts),
        "--chdir",
        options.info.directory,
        "--",
        ...(capabilities.exec ? withProcessLimit(options.limits.processes) : []),
        ...node,
      ];
      return limited([sandbox.command, ...args], environment, options.limits);
    }
    case "seatbelt":
      return limited(
        [sandbox.command, "-p", seatbeltProfile({ mounts, ...capabilities }), ...node],
        environment,
        options.limits,
      );
    case "none":
      return limited(node, environment, options.limits);
  }
}

/** Without core files and, where the kernel counts it, with a limit of private memory: buffers do not lie in V8's heap. */
function limited(command: readonly string[], environment: Launch["environment"], limits: ChildLimits): Launch {
  const data = process.platform === "linux" ? `ulimit -d ${String(limits.dataMegabytes * 1024)} && ` : "";
  return { command: "/bin/sh", args: ["-c", `ulimit -c 0 && ${data}exec "$@"`, "sh", ...command], environment };
}

/** What the process sees of the disk, in the order in which it lies on top of each other. */
function mountsOf({ info, capabilities, places, runtime, environment }: LaunchOptions): readonly Mount[] {
  const granted = (["read", "write"] as const).flatMap((kind) =>
    grantedPaths(capabilities[kind], info, places).flatMap((path) =>
      spellings(path).map((each) => ({ kind, path: each })),
    ),
  );
  const hidden = closedPlaces(places, environment)
    .flatMap(spellings)
    .filter((place) => granted.some(({ path }) => place !== path && isWithin(place, path)));
  return [
    ...granted.map((mount): Mount => ({ ...mount, optional: true })),
    ...hidden.flatMap((path): readonly Mount[] => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ kind: "hide", path, folder: stat.isDirectory() }];
    }),
    ...[...runtime.readable, info.directory].flatMap(spellings).map((path): Mount => ({ kind: "read", path })),
    ...spellings(info.dataDirectory).map((path): Mount => ({ kind: "write", path })),
  ];
}

function nodeFlags({ capabilities, limits }: LaunchOptions, mounts: readonly Mount[]): readonly string[] {
  const node = nodeFeatures();
  return [
    "--permission",
    ...mounts.flatMap(({ kind, path }) => (kind === "hide" ? [] : [`--allow-fs-read=${path}`])),
    ...mounts.flatMap(({ kind, path }) => (kind === "write" ? [`--allow-fs-write=${path}`] : [])),
    ...(capabilities.net && node.limitsNetwork ? ["--allow-net"] : []),
    ...(capabilities.exec ? ["--allow-child-process"] : []),
    ...node.flags,
    `--max-old-space-size=${String(limits.heapMegabytes)}`,
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
  ];
}

/** A path, and where it really lies. */
function spellings(path: string): readonly string[] {
  return [...new Set([path, realPath(path)])];
}
