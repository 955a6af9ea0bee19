import { modelsService } from "../../plugin-api/services/agent.ts";
import { pluginsService } from "../../plugin-api/services/plugins.ts";
import { secretService } from "../../plugin-api/services/secrets.ts";
import { settingsService } from "../../plugin-api/services/settings.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Capabilities } from "../../schemas/plugsmith-extension.ts";
import { methodsOf } from "./wire/service-methods.ts";

/**
 * What may be called of the host's and the built-ins' services from another process. The rest would be a way out of the sandbox
 * (programs, agents and sessions act with the host's rights, settings and other plugins' secrets are not the plugin's to touch),
 * or is no JSON.
 */
const CROSSING: Readonly<Record<string, readonly string[]>> = {
  [secretService.key]: ["get", "set", "delete"],
  [settingsService.key]: ["layers", "get"],
  [modelsService.key]: ["ask"],
  [pluginsService.key]: ["all"],
};

/** Whether a service has one of Plugsmith's own names. */
export function isReservedService(key: string): boolean {
  return key.startsWith("plugsmith/");
}

/**
 * Throws `E_ISOLATION` for a service of Plugsmith's own names, e.g. the person who answers questions: whoever provides it speaks for
 * the host.
 */
export function requireProvidable(plugin: string, key: string): void {
  if (!isReservedService(key)) return;
  throw new CodedError("E_ISOLATION", `\`${plugin}\` provides \`${key}\`, which speaks for the host`, {
    hint: `a plugin in a process of its own provides services named \`${plugin}/…\``,
  });
}

/** Throws `E_ISOLATION` for a service that was not declared and granted, or that no grant opens. */
export function requireService(plugin: string, key: string, capabilities: Capabilities): void {
  if (isReservedService(key) && !Object.hasOwn(CROSSING, key)) {
    throw new CodedError("E_ISOLATION", `\`${plugin}\` uses \`${key}\`, which does not cross the border of a process`, {
      hint: "it acts with the host's own rights; no grant opens it",
    });
  }
  const granted = key === secretService.key ? capabilities.secrets : capabilities.services.includes(key);
  if (granted || key.startsWith(`${plugin}/`)) return;
  const field = key === secretService.key ? '"secrets": true' : `"services": ["${key}"]`;
  throw new CodedError("E_ISOLATION", `\`${plugin}\` uses \`${key}\`, which was not granted`, {
    hint: `declare \`${field}\` under \`plugsmith.capabilities\` in its manifest, and consent to it`,
  });
}

/** Names of the methods that may be called. */
export function crossingMethods(key: string, implementation: unknown): readonly string[] {
  const allowed = Object.hasOwn(CROSSING, key) ? CROSSING[key] : undefined;
  const methods = methodsOf(implementation);
  return allowed === undefined ? methods : methods.filter((method) => allowed.includes(method));
}
