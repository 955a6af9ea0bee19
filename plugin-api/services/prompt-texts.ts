import type { ContentBlock } from "../message.ts";
import type { PluginInfo } from "../plugin-info.ts";
import { defineService, type Service } from "../service.ts";
import type { Session } from "../session.ts";

/** The text of a skill, command, agent or output style, to be made ready for a model. */
export interface PromptTextRequest {
  readonly plugin: PluginInfo;
  /** The file, relative to the plugin's directory and read anew each time, or the text itself; front matter is left out. */
  readonly document: { readonly file: string } | { readonly content: string };
  readonly session: Session;
  /** Unique in the session; the calls of tools that the text asks for are numbered below it. */
  readonly callId: string;
  readonly signal: AbortSignal;
  /** What stands behind the name; absent for a text that takes no arguments. */
  readonly args?: string | undefined;
  /** Names of the positional arguments. */
  readonly argumentNames?: readonly string[] | undefined;
  /** The folder of a skill, relative to the plugin's directory. */
  readonly skillPath?: string | undefined;
  /** Permission rules that hold while its commands run, e.g. `Bash(git status:*)`; placeholders in them are filled too. */
  readonly allowedTools?: readonly string[] | undefined;
  /** Runs `` !`command` `` and ```` ```! ```` blocks by the tool of this shell; absent leaves them as they stand. */
  readonly shell?: "bash" | "powershell" | undefined;
  /** Attaches files that `@path` names. */
  readonly attach?: boolean | undefined;
}

/** A text that is ready. */
export interface PromptText {
  readonly text: string;
  /** What `@path` attached. */
  readonly attachments: readonly ContentBlock[];
  /** The permission rules with placeholders filled; none of what an untrusted workspace brings. */
  readonly allowedTools: readonly string[];
  /** Whether what the text brings along may run: false in a project that nobody trusts. */
  readonly trusted: boolean;
}

/** Fills arguments and placeholders, runs commands through the guarded tools, attaches files (formats.md §4.6). */
export interface PromptTexts {
  /** Throws when the file cannot be read, or a command is not allowed, fails, or belongs to an untrusted project. */
  render(request: PromptTextRequest): Promise<PromptText>;
}

/** Provided by the built-in `prompt-text`. */
export const promptTextsService: Service<PromptTexts> = defineService("plugsmith/prompt-texts");
