import { isCodedError } from "../../schemas/errors.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { caseKind } from "../../schemas/plugin-case-kind.ts";
import type { PluginCase } from "../../schemas/plugin-tests.ts";
import type { Placed } from "../../schemas/read-plugin-tests.ts";
import { messageOf } from "../session/message-of.ts";
import { openCaseHost, type CaseHost } from "./case-host.ts";
import { observeConversation } from "./conversation-case.ts";
import { mismatchesOf } from "./expectations.ts";
import { observeHook } from "./hook-case.ts";
import type { CaseOutcome, Observed } from "./outcome.ts";
import { observeTool } from "./tool-case.ts";

/** What cases of one plugin run with. */
export interface CaseContext {
  /** Absolute folder of the plugin. */
  readonly pluginDirectory: string;
  readonly manifest: PluginManifest;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A real model that answers in conversations without a script. */
  readonly model?: string | undefined;
  readonly signal: AbortSignal;
}

/** Runs one case in a host of its own; whatever goes wrong is a mismatch, but for an interruption. */
export async function runCase(one: Placed<PluginCase>, context: CaseContext): Promise<CaseOutcome> {
  const started = performance.now();
  const seen = await observe(one, context);
  context.signal.throwIfAborted();
  const mismatches = mismatchesOf(one.expect, seen, context.manifest);
  const { name, file, line } = one;
  return { name, ok: mismatches.length === 0, mismatches, ms: Math.round(performance.now() - started), file, line };
}

async function observe(one: Placed<PluginCase>, context: CaseContext): Promise<Observed> {
  const { pluginDirectory, environment, signal } = context;
  try {
    const opened = await openCaseHost({ pluginDirectory, environment, files: one.files ?? {} });
    try {
      return await observeIn(opened, one, context);
    } finally {
      await opened.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    const hint = isCodedError(error) ? error.hint : undefined;
    return { failure: `${messageOf(error)}${hint === undefined ? "" : `\nhint: ${hint}`}` };
  }
}

async function observeIn(opened: CaseHost, one: Placed<PluginCase>, context: CaseContext): Promise<Observed> {
  const { pluginDirectory, manifest, model, signal } = context;
  switch (caseKind(one)) {
    case "hook":
      return observeHook(one, opened, signal);
    case "tool":
      return observeTool(one, opened, signal);
    case "loading":
      return {};
    default: {
      const { place } = opened;
      return observeConversation(one, opened, { pluginDirectory, manifest, place, model }, signal);
    }
  }
}
