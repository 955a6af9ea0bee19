const PREFIX = "PLUGSMITH_SECRET_";

/** The variable that holds a secret of a plugin where the back end `environment` was chosen, e.g. `PLUGSMITH_SECRET_FMT_ACME_TOKEN`. */
export function secretVariable(plugin: string, name: string): string {
  return PREFIX + `${plugin}_${name}`.replaceAll(/[^A-Za-z0-9]/gu, "_").toUpperCase();
}

/** Whether a variable holds a secret of some plugin; processes of plugins never see it. */
export function isSecretVariable(name: string): boolean {
  return name.toUpperCase().startsWith(PREFIX);
}
