import type { ToolOutcome } from "../events/tool.ts";
import type { Choice } from "../event.ts";
import type { PluginInfo } from "../plugin-info.ts";
import { defineService, type Service } from "../service.ts";
import type { Session } from "../session.ts";
import type { ToolDescriptor } from "../tool.ts";

/** A tool that a session may call. */
export interface OfferedTool {
  readonly plugin: PluginInfo;
  readonly descriptor: ToolDescriptor;
}

/** One call outside of a turn. */
export interface ToolRunRequest {
  readonly session: Session;
  /** Unique in the session. */
  readonly callId: string;
  readonly name: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** How it ended. */
export interface ToolRun extends ToolOutcome {
  /** Present when it was not made; `offers` is what a person could have chosen, where nobody could be asked. */
  readonly denied?: { readonly reason: string; readonly offers: readonly Choice[] } | undefined;
}

/** The tools of a session for programs that have no model, called exactly as a turn calls them. */
export interface Tools {
  /** Sorted by name. */
  list(session: Session): readonly OfferedTool[];
  /** Rejects with the reason of the signal only; what the tool or a listener throws is a failed outcome. */
  call(request: ToolRunRequest): Promise<ToolRun>;
}

/** Provided by the built-in `turn-loop`. */
export const toolsService: Service<Tools> = defineService("plugsmith/tools");
