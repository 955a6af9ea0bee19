import type { Emitting } from "../../plugin-api/event.ts";
import { notification } from "../../plugin-api/events/session.ts";
import type { Person } from "../../plugin-api/services/person.ts";
import type { Session } from "../../plugin-api/session.ts";

/** A person whose hooks hear that permission is asked for, e.g. to ring a bell, before the question is put. */
export function announced(person: Person, host: Emitting, session: () => Session | undefined): Person {
  return {
    ask: async (question) => {
      if (question.kind === "permission") {
        await host.emit(notification, { session: session(), kind: "permission_prompt", message: question.title });
      }
      return person.ask(question);
    },
  };
}
