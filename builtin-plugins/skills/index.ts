import {
  contextTexts,
  definePlugin,
  filesTouched,
  looseFoldersService,
  promptExpansion,
  skillPoint,
  toolPoint,
  type Plugin,
  type Session,
} from "plugsmith/plugin-api";
import { Announcement } from "./announcement.ts";
import { Invoker } from "./invocation.ts";
import { gateIndexOf, SessionSkills, type CommonSkills } from "./session-skills.ts";
import { skillSettings } from "./settings.ts";
import { skillOf } from "./skill.ts";
import { skillTool } from "./tool.ts";
import { expandTyped } from "./typed.ts";
import { UsageCounts } from "./usage.ts";

/** Skills: listed within a budget, gated by paths, invoked by the model or a person (formats.md §4). */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const usage = new UsageCounts(context.plugin.dataDirectory);
    const invoker = new Invoker(context, usage);
    const reader = await context.read(skillPoint);
    const folders = await context.find(looseFoldersService);
    const sessions = new Map<string, { readonly skills: SessionSkills; readonly announcement: Announcement }>();
    const read = (): CommonSkills => {
      const skills = reader.all().map((contributed) => skillOf(contributed));
      return { skills, gates: gateIndexOf(skills) };
    };
    let common = read();
    const watching = reader.onChange(() => {
      common = read();
    });
    context.onDispose(() => watching.dispose());

    const stateOf = (session: Session) => {
      let state = sessions.get(session.id);
      if (state === undefined) {
        const skills = new SessionSkills(session, common, folders);
        state = { skills, announcement: new Announcement(context, session, usage) };
        sessions.set(session.id, state);
        session.signal.addEventListener("abort", () => sessions.delete(session.id), { once: true });
      }
      state.skills.setCommon(common);
      return state;
    };
    const settings = () => skillSettings(context);

    context.contribute(
      toolPoint,
      "Skill",
      skillTool({ invoker, settings, skillsOf: (session) => stateOf(session).skills }),
    );
    context.listen(contextTexts, async (collected) => {
      const { session, texts } = collected;
      if (session.tools?.includes("Skill") === false) return collected;
      const { skills, announcement } = stateOf(session);
      const text = await announcement.next(skills);
      return text === undefined ? collected : { ...collected, texts: [...texts, text] };
    });
    context.listen(filesTouched, ({ session, files }) => {
      const { skills } = stateOf(session);
      for (const file of files) skills.touched(file);
    });
    let typed = 0;
    context.listen(
      promptExpansion,
      async ({ session, text }, { signal }) => {
        if (!text.startsWith("/")) return undefined;
        typed += 1;
        const callId = `typed-skill-${String(typed)}`;
        return expandTyped(
          { session, text, callId, signal },
          stateOf(session).skills.catalog,
          await settings(),
          invoker,
        );
      },
      // A skill beats a command of the same name.
      { before: ["commands@builtin"] },
    );
  },
});
export default plugin;
