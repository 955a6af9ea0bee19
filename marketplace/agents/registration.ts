import type { AgentPlugin, Registration } from "./target.ts";

/** What an agent's program is told of plugins. */
export function registrationsOf(plugins: readonly AgentPlugin[]): readonly Registration[] {
  return plugins.map(({ name, version, enabled, key }) => ({ name, version, enabled, key }));
}
