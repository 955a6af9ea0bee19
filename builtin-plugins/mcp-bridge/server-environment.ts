import { delimiter, isAbsolute, relative } from "node:path";

/** What every program needs to run at all: nothing here is a credential of the person. */
const PASSED_ON: ReadonlySet<string> = new Set(
  (
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TERM TZ TMPDIR TMP TEMP XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME " +
    "HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy " +
    "SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE CURL_CA_BUNDLE " +
    "SystemRoot SystemDrive windir ComSpec PATHEXT APPDATA LOCALAPPDATA ProgramData ProgramFiles USERPROFILE HOMEDRIVE HOMEPATH USERNAME"
  ).split(" "),
);

/** The environment of a server before its own variables: an allow list, and a `PATH` without the workspace (attacks.md PR15). */
export function minimalEnvironment(
  person: Readonly<Record<string, string>>,
  projectDirectory: string,
): Record<string, string> {
  const kept = Object.entries(person).filter(([name]) => PASSED_ON.has(name) || name.startsWith("LC_"));
  const environment = Object.fromEntries(kept);
  if (environment["PATH"] !== undefined) environment["PATH"] = trustedPath(environment["PATH"], projectDirectory);
  return environment;
}

function trustedPath(path: string, projectDirectory: string): string {
  const outside = (directory: string): boolean => {
    const from = relative(projectDirectory, directory);
    return from === ".." || from.startsWith("../") || from.startsWith("..\\") || isAbsolute(from);
  };
  return path
    .split(delimiter)
    .filter((directory) => isAbsolute(directory) && outside(directory))
    .join(delimiter);
}
