/** What a plugin author names in types: the canonical form of a plugin and of everything it contributes. */
export type {
  AgentContribution,
  Author,
  CommandContribution,
  Contribution,
  FileContribution,
  HookContribution,
  HookHandler,
  LspContribution,
  McpContribution,
  MonitorContribution,
  PluginDependency,
  PluginFormat,
  PluginManifest,
  PlugsmithExtension,
  Provenance,
  SkillContribution,
  UserOption,
} from "../schemas/plugin-manifest.ts";
/** What core and marketplace hand to each other through the composition root. */
export type { AcceptedClosure, Audit, AuditRecord, Exclusively, LoadCandidate } from "./service-contracts.ts";
