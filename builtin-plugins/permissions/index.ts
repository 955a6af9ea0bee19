import {
  definePlugin,
  guardedAnswered,
  permissionAnswer,
  permissionsService,
  pluginsService,
  promptExpansion,
  sessionStart,
  settingsService,
  toolOpinion,
  toolPermission,
  workspaceService,
  type GateAnswer,
  type GateResult,
  type GuardedRequest,
  type PermissionMode,
  type Plugin,
  type PluginContext,
  type ToolUse,
} from "plugsmith/plugin-api";
import { addDirectory } from "./added-directory.ts";
import { Judge, type Verdict } from "./judge.ts";
import { Places } from "./places.ts";
import { acceptProposal, proposalFor, type Proposal } from "./proposal.ts";
import { RuleBook } from "./rule-book.ts";
import { toolRequest, type ToolRequest } from "./tool-request.ts";

const MODES: ReadonlySet<unknown> = new Set(["default", "acceptEdits", "plan", "dontAsk", "bypassPermissions"]);

/** The one answerer of the gate of tools: rules, modes, public hooks as input, the person last. */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const [settings, workspace, plugins] = await Promise.all([
      context.find(settingsService),
      context.find(workspaceService),
      context.find(pluginsService),
    ]);
    const book = new RuleBook(settings, (message) => context.log.warn(message));
    const places = new Places(workspace, plugins, () => book.additionalDirectories);
    const judge = new Judge(book, places);
    const proposals = new WeakMap<GuardedRequest, Proposal>();
    if (settings !== undefined) {
      const watching = settings.onChange(() => book.forget());
      context.onDispose(() => watching.dispose());
    }
    context.provide(permissionsService, { mayRead: (file, session) => judge.mayRead(file, session) });
    context.listen(sessionStart, (start) => {
      const mode = book.defaultMode;
      const { session, source } = start;
      const isFresh =
        source === "startup" && session.parent === undefined && session.options.permissionMode === "default";
      if (isFresh && isMode(mode)) session.setOptions({ permissionMode: mode });
      return start;
    });
    context.listen(promptExpansion, ({ session, text }) => addDirectory(context, places, session, text));
    context.listen(toolPermission, async (asked, { signal }) => {
      const request = toolRequest(asked, places);
      const opinion = await opinionOf(context, request, signal);
      const final = opinion.input === undefined ? request : toolRequest(asked, places, opinion.input);
      const verdict = judge.judge(final, opinion);
      if (verdict.decision !== "ask") return answer(verdict, final, opinion);
      const answered = verdict.isFixed ? undefined : await answerOf(context, final, signal);
      if (answered !== undefined) {
        const changed = answered.input === undefined ? final : toolRequest(asked, places, answered.input);
        const again = answered.allow ? judge.judge(changed, { decision: "allow" }) : refusal(answered.message);
        return answer(again, changed, opinion);
      }
      const proposal = verdict.isFixed ? undefined : proposalFor(final, settings, book.managedOnly);
      if (proposal !== undefined) proposals.set(asked, proposal);
      return { ...answer(verdict, final, opinion), ...(proposal !== undefined && { offers: proposal.offers }) };
    });
    context.listen(guardedAnswered, ({ request, choice }) => {
      const proposal = proposals.get(request);
      if (proposal !== undefined) acceptProposal(proposal, choice, settings);
    });
  },
});

export default plugin;

function isMode(value: unknown): value is PermissionMode {
  return MODES.has(value);
}

function refusal(message = "it was refused in the person's place"): Verdict {
  return { decision: "deny", reason: message };
}

function answer(verdict: Verdict, { input, isChanged }: ToolRequest, { context }: GateResult): GateAnswer {
  return {
    decision: verdict.decision,
    ...(verdict.decision !== "allow" && { reason: verdict.reason }),
    ...(isChanged && { input }),
    context,
  };
}

/** What public hooks say before the rules are held against what they make of the call. */
async function opinionOf(context: PluginContext, request: ToolRequest, signal: AbortSignal): Promise<GateResult> {
  const use = useOf(request);
  return use === undefined ? { decision: "pass" } : context.emit(toolOpinion, use, { signal });
}

async function answerOf(
  context: PluginContext,
  request: ToolRequest,
  signal: AbortSignal,
): Promise<{ readonly allow: boolean; readonly message?: string | undefined; readonly input?: unknown } | undefined> {
  const use = useOf(request);
  return use === undefined ? undefined : context.emit(permissionAnswer, use, { signal });
}

function useOf({ session, callId, name, aliases, input, readOnly }: ToolRequest): ToolUse | undefined {
  return session === undefined ? undefined : { session, callId, name, aliases, input, readOnly };
}
