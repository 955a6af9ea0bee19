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
/** The plugin itself. */
export { definePlugin, type Log, type Plugin, type PluginContext } from "./plugin.ts";
export {
  fillPlaceholders,
  mentionedOptions,
  OPTION_PLACEHOLDER,
  optionText,
  type PlaceholderValues,
} from "./placeholders.ts";
export { inheritedEnvironment, withoutCredentials } from "./inherited-environment.ts";
export { missingOption, pluginOptions } from "./plugin-options.ts";
export { pluginVariables } from "./plugin-variables.ts";
export { toolSurface, type SaidTool } from "./tool-surface.ts";
export { realPath, type RealPathModules } from "./real-path.ts";
export { isObject, messageOf } from "./values.ts";
export type { PluginInfo, PluginTier } from "./plugin-info.ts";
export type { Registration } from "./disposable.ts";
export type { JsonSchema } from "./json-schema.ts";
/** Contribute: points. */
export {
  defineGuardedPoint,
  definePoint,
  type Contributed,
  type Contributing,
  type GuardedCall,
  type GuardedContribution,
  type GuardedHandle,
  type GuardedPoint,
  type GuardedRequest,
  type InvokeOptions,
  type Invoked,
  type Point,
  type PointReader,
} from "./point.ts";
export {
  agentPoint,
  binPoint,
  commandPoint,
  hookPoint,
  lspServerPoint,
  mcpServerPoint,
  monitorPoint,
  outputStylePoint,
  skillPoint,
} from "./points/component.ts";
export { modelPoint } from "./points/model.ts";
export { toolPoint } from "./points/tool.ts";
/** Listen: events. */
export {
  firstEvent,
  gateEvent,
  observeEvent,
  transformEvent,
  type Answerer,
  type AnyEvent,
  type Choice,
  type EmitOptions,
  type Emitting,
  type EventKind,
  type FirstEvent,
  type GateAnswer,
  type GateDecision,
  type GateEvent,
  type Gatekeeper,
  type GateResult,
  type ListenerCall,
  type ListenerOf,
  type Listening,
  type ListenOptions,
  type ObserveEvent,
  type Observer,
  type OutcomeOf,
  type PayloadOf,
  type Transformer,
  type TransformEvent,
} from "./event.ts";
export {
  agentStart,
  configurationGate,
  contextTexts,
  directoryAdded,
  directoryChanged,
  expansionGate,
  fileChanged,
  instructionsLoaded,
  notification,
  promptExpansion,
  promptGate,
  sessionEnd,
  sessionSetup,
  sessionStart,
  shellVariables,
  stopGate,
  systemPrompt,
  systemPromptTexts,
  turnFailed,
  type ConfigurationSource,
  type ContextReason,
  type ContextTexts,
  type Expansion,
  type PromptTopic,
  type SystemPromptParts,
  worktreeDone,
  worktreeWanted,
} from "./events/session.ts";
export {
  elicitationAnswered,
  elicitationAsked,
  type Elicitation,
  type ElicitationAnswer,
} from "./events/elicitation.ts";
export { modelsNeeded, modelSwitched, modelSwitchGate, type ModelSwitch } from "./events/model.ts";
export {
  filesTouched,
  guardedAnswered,
  permissionAnswer,
  permissionDenied,
  toolBatch,
  toolDone,
  toolFailed,
  toolOpinion,
  toolPermission,
  type ToolOutcome,
  type ToolUse,
} from "./events/tool.ts";
/** Provide and use: services. */
export { defineService, type Service, type Serving } from "./service.ts";
export {
  agentsService,
  modelsService,
  modelSwitchService,
  sessionsService,
  turnsService,
  type AgentInfo,
  type Agents,
  type ModelQuestion,
  type Models,
  type ModelSwitches,
  type ModelSwitchRequest,
  type SpawnRequest,
} from "./services/agent.ts";
export {
  backgroundTasksService,
  type BackgroundTasks,
  type NewTask,
  type RunningTask,
  type TaskEnd,
  type TaskInfo,
  type TaskText,
} from "./services/background-tasks.ts";
export { looseFoldersService, type LooseFolders } from "./services/loose-folders.ts";
export { permissionsService, type Permissions } from "./services/permissions.ts";
export { personService, type Answer, type Person, type Question } from "./services/person.ts";
export { pluginsService, type LoadedPlugin, type Plugins } from "./services/plugins.ts";
export {
  processService,
  type Processes,
  type ProcessEnd,
  type ProcessRequest,
  type RunningProcess,
} from "./services/processes.ts";
export {
  promptTextsService,
  type PromptText,
  type PromptTextRequest,
  type PromptTexts,
} from "./services/prompt-texts.ts";
export { secretService, type Secrets } from "./services/secrets.ts";
export { settingsService, type LayeredValue, type Settings, type SettingsLayer } from "./services/settings.ts";
export {
  mcpServersService,
  type McpCompletion,
  type McpCompletionSubject,
  type McpPrompt,
  type McpResource,
  type McpServers,
  type OfferedMcpServer,
} from "./services/mcp-servers.ts";
export { toolsService, type OfferedTool, type ToolRun, type ToolRunRequest, type Tools } from "./services/tools.ts";
export { workspaceService, type Workspace } from "./services/workspace.ts";
/** Tools, models, sessions and turns. */
export type { ContentBlock, Message, Usage } from "./message.ts";
export {
  ModelError,
  type Model,
  type ModelEvent,
  type ModelFailure,
  type ModelRequest,
  type ModelResponse,
  type StopReason,
} from "./model.ts";
export type { OpenSession, PermissionMode, Session, SessionOptions, Sessions, TurnState } from "./session.ts";
export {
  defineTool,
  type Tool,
  type ToolCall,
  type ToolContent,
  type ToolContext,
  type ToolDefinition,
  type ToolDescriptor,
  type ToolResult,
} from "./tool.ts";
export type { AgentEvent, StepEvent, TurnEvent, TurnRequest, TurnResult, Turns } from "./turn.ts";
/** What core and marketplace hand to each other through the composition root. */
export type { AcceptedClosure, Audit, AuditRecord, Exclusively, LoadCandidate } from "./service-contracts.ts";
