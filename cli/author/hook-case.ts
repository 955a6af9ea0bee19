import { resolve } from "node:path";
import { promptGate, sessionStart, stopGate } from "../../plugin-api/events/session.ts";
import {
  permissionAnswer,
  toolDone,
  toolFailed,
  toolOpinion,
  type ToolOutcome,
  type ToolUse,
} from "../../plugin-api/events/tool.ts";
import type { GateResult } from "../../plugin-api/event.ts";
import { toolPoint } from "../../plugin-api/points/tool.ts";
import type { Session } from "../../plugin-api/session.ts";
import type { PluginCase } from "../../schemas/plugin-tests.ts";
import type { CaseHost } from "./case-host.ts";
import type { Observed } from "./outcome.ts";

/** Raises the event of a hook and tells what the hooks answer. */
export async function observeHook(one: PluginCase, opened: CaseHost, signal: AbortSignal): Promise<Observed> {
  const session = await opened.open();
  try {
    return { ...(await raised(one, opened, session, signal)), ...troubles(opened) };
  } finally {
    await session.close();
  }
}

/** A hook that cannot run has no opinion; its author wants to know. */
function troubles({ warnings }: CaseHost): Observed {
  const some = warnings.filter((warning) => warning.startsWith("command-hooks@builtin:"));
  return some.length === 0 ? {} : { failure: some.join("\n") };
}

async function raised(one: PluginCase, opened: CaseHost, session: Session, signal: AbortSignal): Promise<Observed> {
  const { frontend } = opened.host;
  switch (one.hook) {
    case "PreToolUse":
      return gate(await frontend.emit(toolOpinion, await useOf(one, opened, session), { signal }), false);
    case "PermissionRequest": {
      const answer = await frontend.emit(permissionAnswer, await useOf(one, opened, session), { signal });
      if (answer === undefined) return { decision: "none" };
      return { decision: answer.allow ? "allow" : "deny", reason: answer.message };
    }
    case "PostToolUse": {
      const outcome = await outcomeOf(one, opened, session, false);
      return { context: (await frontend.emit(toolDone, outcome, { signal })).texts };
    }
    case "PostToolUseFailure": {
      const outcome = await outcomeOf(one, opened, session, true);
      return { context: (await frontend.emit(toolFailed, outcome, { signal })).texts };
    }
    case "UserPromptSubmit": {
      const prompt = typeof one.prompt === "string" ? one.prompt : "";
      return gate(await frontend.emit(promptGate, { session, prompt }, { signal }), true);
    }
    case "Stop":
      return gate(
        await frontend.emit(stopGate, { session, lastText: one.output ?? "", active: false }, { signal }),
        true,
      );
    default: {
      const start = { session, source: "startup", texts: [] } as const;
      return { context: (await frontend.emit(sessionStart, start, { signal })).texts };
    }
  }
}

/** Public hooks of prompts and turns block where a gate of ours denies. */
function gate({ decision, reason, context = [] }: GateResult, blocks: boolean): Observed {
  const word = decision === "pass" || (blocks && decision !== "deny") ? "none" : blocks ? "block" : decision;
  return { decision: word, reason, context };
}

const PATHS: ReadonlySet<string> = new Set(["file_path", "notebook_path", "path"]);

async function useOf(one: PluginCase, { host, directory }: CaseHost, session: Session): Promise<ToolUse> {
  const name = one.tool ?? "";
  const tools = await host.frontend.read(toolPoint);
  const known = tools.all().find(({ descriptor }) => descriptor.name === name)?.descriptor;
  const input = Object.fromEntries(
    Object.entries(one.input ?? {}).map(([key, value]) => [
      key,
      PATHS.has(key) && typeof value === "string" ? resolve(directory, value) : value,
    ]),
  );
  return { session, callId: "case", name, aliases: known?.aliases, input, readOnly: known?.readOnly ?? false };
}

async function outcomeOf(one: PluginCase, opened: CaseHost, session: Session, isError: boolean): Promise<ToolOutcome> {
  const content = [{ type: "text" as const, text: one.output ?? "" }];
  return { ...(await useOf(one, opened, session)), result: { content, isError }, durationMs: 1, texts: [] };
}
