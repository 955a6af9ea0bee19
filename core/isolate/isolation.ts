import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Capabilities } from "../../schemas/plugsmith-extension.ts";
import { closedPlaces, grantedPaths } from "./capabilities.ts";
import { isWithin, realPath } from "../platform/real-path.ts";
import type { Places } from "./places.ts";
import { nodeFeatures, type NodeFeatures } from "./node-features.ts";
import type { Sandbox } from "./sandbox.ts";

/** Without a sandbox, net and exec grants are refused, or given with a label that says what they come to. */
export type DegradedPolicy = "refuse" | "label";

/** How a plugin would be run here, and why; the plan and the boot tree print it. */
export type Isolation =
  /** Permission flags inside the sandbox of the operating system. */
  | {
      readonly mode: "isolated";
      readonly by: "bubblewrap" | "sandbox-exec";
      /** What its grants come to, one sentence each. */
      readonly open: readonly string[];
    }
  /** Permission flags alone: a guard rail. */
  | {
      readonly mode: "degraded";
      readonly why: string;
      /** What it could do beyond its grants, one sentence each. */
      readonly open: readonly string[];
    }
  | { readonly mode: "refused"; readonly error: CodedError };

/** What decides on the mode. */
export interface IsolationQuestion {
  readonly info: PluginInfo;
  /** Declared and granted. */
  readonly capabilities: Capabilities;
  readonly places: Places;
  readonly sandbox: Sandbox;
  readonly degraded: DegradedPolicy;
  /** Of the person. */
  readonly environment: Readonly<Record<string, string>>;
  /** Default: of the running Node. */
  readonly node?: NodeFeatures | undefined;
}

const NET = "it reaches every host, servers of this machine included";
const EXEC = "it starts the programs of this machine, inside its sandbox";

/** In which mode a plugin runs with its grants; nothing is started. */
export function isolationOf(question: IsolationQuestion): Isolation {
  const { info, capabilities, sandbox, degraded, node = nodeFeatures() } = question;
  const refused = (what: string, hint: string): Isolation => ({
    mode: "refused",
    error: new CodedError("E_ISOLATION", `\`${info.id}\` cannot run in a process of its own: ${what}`, {
      hint,
      data: { plugin: info.id },
    }),
  });
  if (process.platform === "win32") return refused("Windows has no sandbox for it", "run it on Linux or macOS");
  if (!node.isolates) return refused(`Node ${node.version} cannot isolate it`, "use Node 22.15 or newer");
  const path = pathProblem(question);
  if (path !== undefined) return { mode: "refused", error: path };
  if (sandbox.kind !== "none") {
    // Sockets without a file belong to the network, which the sandbox then shares.
    const bus = question.environment["DBUS_SESSION_BUS_ADDRESS"] ?? "";
    if (capabilities.net && bus.includes("abstract=")) {
      return refused(
        "the session bus listens on an abstract socket, which a network grant would open",
        "start the session bus on a socket file, or do not grant the network",
      );
    }
    return {
      mode: "isolated",
      by: sandbox.kind === "bubblewrap" ? "bubblewrap" : "sandbox-exec",
      open: [...(capabilities.net ? [NET] : []), ...(capabilities.exec ? [EXEC] : [])],
    };
  }
  const install = "install bubblewrap (`apt install bubblewrap`) and let it make user namespaces";
  const unlimited = !node.limitsNetwork && !capabilities.net;
  if (degraded === "refuse") {
    if (capabilities.net) return refused(`its network grant needs a sandbox, and ${sandbox.why}`, install);
    if (capabilities.exec) return refused(`its grant to start programs needs a sandbox, and ${sandbox.why}`, install);
    if (unlimited) {
      return refused(
        `Node ${node.version} cannot keep it from the network, and ${sandbox.why}`,
        `${install}, or use Node 26`,
      );
    }
  }
  return {
    mode: "degraded",
    why: sandbox.why,
    open: [
      "links in folders that it may read lead out of them",
      "it can send signals to your processes",
      ...(capabilities.net || unlimited ? ["it reaches every host and every socket, the keychain's too"] : []),
      ...(capabilities.exec ? ["the programs that it starts can read and write everything you can"] : []),
    ],
  };
}

/** Throws nothing: the refusal of a grant that leads to a closed place. */
function pathProblem({ info, capabilities, places, sandbox, environment }: IsolationQuestion): CodedError | undefined {
  try {
    const paths = grantedPaths([...capabilities.read, ...capabilities.write], info, places);
    const own = [info.dataDirectory, info.directory];
    for (const path of paths) {
      const spellings = [path, realPath(path)];
      if (spellings.includes("/")) return closed(info, path, "it is everything");
      if (spellings.every((each) => own.some((folder) => isWithin(each, folder)))) continue;
      for (const place of closedPlaces(places, environment).flatMap((each) => [each, realPath(each)])) {
        if (spellings.some((each) => isWithin(each, place))) return closed(info, path, `\`${place}\` is never opened`);
        // Only a sandbox can leave a part of a folder out.
        if (sandbox.kind === "none" && spellings.some((each) => isWithin(place, each))) {
          return closed(info, path, `\`${place}\` lies in it, which is never opened`);
        }
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}

function closed(info: PluginInfo, path: string, why: string): CodedError {
  return new CodedError("E_ISOLATION", `\`${info.id}\` cannot be granted \`${path}\`: ${why}`, {
    hint: "grant a narrower folder",
    data: { plugin: info.id, path },
  });
}
