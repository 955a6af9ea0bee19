import { isAbsolute, join, normalize } from "node:path";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Capabilities } from "../../schemas/plugsmith-extension.ts";
import type { Places } from "./places.ts";

/** What is both declared and granted. */
export function commonCapabilities(declared: Capabilities, granted: Capabilities): Capabilities {
  const both = (key: "read" | "write" | "env" | "services"): readonly string[] =>
    declared[key].filter((item) => granted[key].includes(item));
  return {
    read: both("read"),
    write: both("write"),
    net: declared.net && granted.net,
    exec: declared.exec && granted.exec,
    env: both("env"),
    secrets: declared.secrets && granted.secrets,
    services: both("services"),
  };
}

/** The absolute paths of a list of grants. Throws `E_ISOLATION` for one that is no plain absolute path. */
export function grantedPaths(paths: readonly string[], info: PluginInfo, places: Places): readonly string[] {
  return paths.map((written) => {
    const path = written
      .replace(/^~(?=\/|$)/u, places.homeDirectory)
      .replace(/^\$\{PROJECT_DIR\}/u, places.projectDirectory)
      .replace(/^\$\{PLUGIN_DATA\}/u, info.dataDirectory);
    // `*` is a wildcard to Node, `..` would name another place than it seems to.
    if (!isAbsolute(path) || /[*\0]|\$\{/u.test(path) || path.split(/[\\/]/u).includes("..")) {
      throw new CodedError("E_ISOLATION", `\`${info.id}\` is granted \`${written}\`, which is no plain absolute path`, {
        hint: "name a folder or file: absolute, `~/…`, `${PROJECT_DIR}/…` or `${PLUGIN_DATA}/…`",
      });
    }
    const plain = normalize(path);
    return plain.length > 1 && plain.endsWith("/") ? plain.slice(0, -1) : plain;
  });
}

/** Names that change how programs load code, or lead to the keychain and other agents of the person. */
const NEVER_PASSED =
  /^(?:NODE_.*|LD_.*|DYLD_.*|BASH_ENV|ENV|DBUS_.*|SSH_AUTH_SOCK|GPG_AGENT_INFO|XDG_RUNTIME_DIR|DISPLAY|WAYLAND_DISPLAY)$/iu;

/** The environment of a plugin: the variables it was granted, and with programs also where those lie. */
export function grantedEnvironment(
  capabilities: Capabilities,
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const result: Record<string, string> = capabilities.exec ? { PATH: "/usr/local/bin:/usr/bin:/bin" } : {};
  for (const name of capabilities.env) {
    const value = environment[name];
    if (value !== undefined && !NEVER_PASSED.test(name)) result[name] = value;
  }
  return result;
}

/**
 * Places that no grant opens, whatever folder around them is granted: keychains and the sockets that lead to them, the person's
 * screen, the kernel's own files, and Plugsmith's state.
 */
export function closedPlaces(places: Places, environment: Readonly<Record<string, string>>): readonly string[] {
  const bus = /unix:path=([^,;]+)/u.exec(environment["DBUS_SESSION_BUS_ADDRESS"] ?? "")?.[1];
  return [
    places.plugsmithHome,
    join(places.homeDirectory, ".local/share/keyrings"),
    join(places.homeDirectory, "Library/Keychains"),
    environment["XDG_RUNTIME_DIR"] ?? "/run/user",
    environment["SSH_AUTH_SOCK"],
    bus,
    "/run",
    "/tmp/.X11-unix",
    "/proc",
    "/sys",
    "/dev",
  ].filter((path): path is string => path !== undefined && isAbsolute(path));
}
