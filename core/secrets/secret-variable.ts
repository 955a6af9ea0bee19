const PREFIX = "PLUGSMITH_SECRET_";

/**
 * The variable that holds a secret of a plugin where the back end `environment` was chosen, e.g. `PLUGSMITH_SECRET_FMT__ACME__TOKEN`:
 * plugin, marketplace and name, between two underscores each, so that no plugin's name for a secret reaches into another's.
 */
export function secretVariable(plugin: string, name: string): string {
  const at = plugin.lastIndexOf("@");
  return PREFIX + [plugin.slice(0, at), plugin.slice(at + 1), name].map(partOf).join("__");
}

/** Without two underscores in a row, and none at an end. */
function partOf(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/u).filter((word) => word !== "");
  return words.join("_").toUpperCase();
}

/** Whether a variable holds a secret of some plugin, or opens one; no other process sees it. */
function isSecretVariable(name: string): boolean {
  return name.toUpperCase().startsWith(PREFIX);
}

/** An environment as other processes may have it. */
export function withoutSecretVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !isSecretVariable(entry[0]),
    ),
  );
}
