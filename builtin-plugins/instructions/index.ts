import {
  contextTexts,
  definePlugin,
  filesTouched,
  instructionsLoaded,
  systemPrompt,
  workspaceService,
  type Plugin,
  type Session,
} from "plugsmith/plugin-api";
import { environmentText } from "./environment-text.ts";
import { shownText, type Instruction } from "./instruction.ts";
import { InstructionFiles } from "./instruction-files.ts";
import { LoadedInstructions } from "./loaded-instructions.ts";
import { CODING_PROMPT, MAIN_PROMPT } from "./prompt-text.ts";

/** Places in the system prompt: ours, coding (a style may drop it), what people wrote, facts. */
const ORDER = { main: 0, coding: 100, instructions: 500, environment: 900 } as const;

/** The base prompt, AGENTS.md and CLAUDE.md; what is found later is appended, so that earlier bytes never change. */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const workspace = await context.use(workspaceService);
    const loaded = new LoadedInstructions();
    const files = new InstructionFiles(workspace, (message) => context.log.warn(message));

    const tell = async (session: Session, instructions: readonly Instruction[], nested: boolean): Promise<void> => {
      for (const { file, kind, parent } of instructions) {
        const reason = parent !== undefined ? "include" : nested ? "nested_traversal" : "session_start";
        await context.emit(instructionsLoaded, { session, file, kind, reason, parent });
      }
    };

    context.listen(systemPrompt, async (prompt) => {
      const { session } = prompt;
      const isWanted = session.options.omitInstructions !== true;
      const fresh = isWanted ? loaded.take(session, files.ofSession(session)) : [];
      loaded.record(session, fresh);
      await tell(session, fresh, false);
      const parts = [...prompt.parts];
      // An agent below brings its own prompt.
      if (session.parent === undefined) {
        parts.push(
          { order: ORDER.main, text: MAIN_PROMPT, topic: "role" },
          { order: ORDER.coding, text: CODING_PROMPT, topic: "coding" },
        );
      }
      if (fresh.length > 0) parts.push({ order: ORDER.instructions, text: shownText(fresh) });
      parts.push({ order: ORDER.environment, text: environmentText(workspace, session) });
      return { ...prompt, parts };
    });
    context.listen(filesTouched, async ({ session, files: touched }) => {
      if (session.options.omitInstructions === true) return;
      const fresh = loaded.take(session, files.below(session, touched));
      loaded.keep(session, fresh);
      await tell(session, fresh, true);
    });
    context.listen(contextTexts, (collected) => {
      const kept = loaded.release(collected.session);
      loaded.record(collected.session, kept);
      return kept.length === 0 ? collected : { ...collected, texts: [...collected.texts, shownText(kept)] };
    });
  },
});

export default plugin;
