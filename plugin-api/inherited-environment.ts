import type { PluginContext } from "./plugin.ts";
import type { PluginInfo } from "./plugin-info.ts";
import { pluginsService } from "./services/plugins.ts";
import { workspaceService } from "./services/workspace.ts";
import { isObject } from "./values.ts";

/** Names of variables that hold credentials; an author is none. */
const CREDENTIAL =
  /TOKEN|SECRET|PASSW|PASSPHRASE|KEY|AUTH(?!ORS?(?:_|$))|COOKIE|DSN|CREDENTIAL|(?:^|_)(?:PASS|PAT)(?:_|$)/iu;

/** Variables without those whose names look like credentials (attacks.md HK11). */
export function withoutCredentials(
  environment: Readonly<Record<string, string>>,
  declared: readonly string[] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => declared.includes(name) || !CREDENTIAL.test(name)),
  );
}

/**
 * The person's environment as a program of a plugin may inherit it: without credentials, but for those that its manifest
 * declares under `plugsmith.capabilities.env`. What the person or an administrator wrote into settings sees all of it.
 */
export async function inheritedEnvironment(
  context: Pick<PluginContext, "use">,
  { id, tier }: PluginInfo,
): Promise<Readonly<Record<string, string>>> {
  const { environment } = await context.use(workspaceService);
  if (tier === "loose" && /@(?:user|managed)$/u.test(id)) return environment;
  const loaded = (await context.use(pluginsService)).all().find(({ plugin }) => plugin.id === id);
  return withoutCredentials(environment, declaredVariables(loaded?.manifest.plugsmith?.capabilities));
}

function declaredVariables(capabilities: unknown): readonly string[] {
  const names = isObject(capabilities) ? capabilities["env"] : undefined;
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}
