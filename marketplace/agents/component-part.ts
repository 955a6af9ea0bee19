import type { Contribution } from "../../schemas/plugin-manifest.ts";
import type { AgentPlugin } from "./target.ts";
import { leftOptions } from "./placeholders.ts";
import { variablesOf } from "./variables.ts";

/** Something about a component that an agent may drop while it keeps the rest. */
export type ComponentPart =
  | "condition"
  | "once"
  | "async"
  | "headers helper"
  | "oauth"
  | "tools"
  | "commands in its text"
  | "hooks"
  | "variables"
  | "defaults of variables"
  | "options";

/** The parts that a component has, of those that agents drop. */
export function partsOf(one: Contribution, plugin: AgentPlugin): readonly ComponentPart[] {
  const parts: ComponentPart[] = [];
  const add = (part: ComponentPart, isThere: boolean): void => {
    if (isThere) parts.push(part);
  };
  switch (one.kind) {
    case "skill":
      add("hooks", (one.hooks ?? []).length > 0);
      add("commands in its text", (one.injections ?? []).length > 0);
      break;
    case "command":
      add("commands in its text", (one.injections ?? []).length > 0);
      break;
    case "agent":
      add("tools", one.fields["tools"] !== undefined || one.fields["disallowedTools"] !== undefined);
      break;
    case "hook":
      add("condition", one.if !== undefined);
      add("once", one.once === true);
      add("async", one.handler.type === "command" && (one.handler.async ?? one.handler.asyncRewake ?? false));
      add("options", leftOptions(one.handler, plugin));
      break;
    case "mcp": {
      const variables = variablesOf(one.config);
      add("headers helper", "headersHelper" in one.config && one.config.headersHelper !== undefined);
      add("oauth", "oauth" in one.config && one.config.oauth !== undefined);
      add("variables", variables.length > 0);
      add(
        "defaults of variables",
        variables.some(({ fallback }) => fallback !== undefined),
      );
      add("options", leftOptions(one.config, plugin));
      break;
    }
    case "lsp":
    case "monitor":
      add("options", leftOptions(one, plugin));
      break;
    case "output-style":
    case "workflow":
    case "theme":
    case "mod":
    case "bin":
      break;
  }
  return parts;
}

const REASONS: Readonly<Record<ComponentPart, (title: string) => string>> = {
  condition: () => "it runs whenever its event and matcher fit",
  once: () => "it runs every time",
  async: (title) => `${title} waits for it`,
  "headers helper": (title) => `${title} asks no program for headers`,
  oauth: (title) => `${title} signs in by its own means`,
  tools: (title) => `${title} lets the agent use every tool`,
  "commands in its text": (title) => `${title} does not run them`,
  hooks: (title) => `${title} reads no hooks of skills`,
  variables: (title) => `${title} does not fill them in there`,
  "defaults of variables": (title) => `${title} knows no defaults`,
  options: (title) => `${title} does not ask for them, and they have no default`,
};

/** Why a part is dropped. */
export function partReason(part: ComponentPart, title: string): string {
  return REASONS[part](title);
}
