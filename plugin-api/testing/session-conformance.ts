import type { Message } from "../message.ts";
import type { Session, Sessions } from "../session.ts";
import { check, checkGrown, checkRefused, checkSame, textOf, type ConformanceCase } from "./conformance-case.ts";
import { answered, answersOf, calling, callsOf, checkMessages, results, said, text } from "./message-list.ts";

/** An implementation of `plugsmith/sessions` that is looked at by one case. */
export interface SessionSubject {
  readonly sessions: Sessions;
  /** An absolute directory that exists; sessions are opened in it. */
  readonly directory: string;
  /** The service as a later process finds it, over the same records; absent where nothing is recorded. */
  readonly reopen?: (() => Promise<Sessions>) | undefined;
  readonly dispose?: (() => Promise<void>) | undefined;
}

interface Case {
  readonly name: string;
  readonly run: (subject: SessionSubject, session: Session) => Promise<void>;
}

/** Lists that no model takes, message by message; only the last one is wrong. */
const WRONG_LISTS: readonly (readonly [name: string, ...messages: readonly Message[]])[] = [
  ["a first message of the model", answered("hello")],
  ["two messages of the user", said("one"), said("two")],
  ["an empty message", { role: "user", content: [] }],
  ["a blank text", said(" \n")],
  ["a call that is not answered", said("go"), calling("a"), said("and?")],
  ["a call that is answered by half", said("go"), calling("a", "b"), results("a")],
  ["results in another order than the calls", said("go"), calling("a", "b"), results("b", "a")],
  ["a result of no call", said("go"), answered("done"), results("a")],
  [
    "a result behind a text",
    said("go"),
    calling("a"),
    { role: "user", content: [text("so"), ...results("a").content] },
  ],
  ["a call whose id is taken", said("go"), calling("a"), results("a"), calling("a")],
];

const CASES: readonly Case[] = [
  {
    name: "a new session is empty and knows where it is",
    run: async ({ sessions, directory }, session) => {
      const other = await sessions.open({ directory });
      check(session.id !== "" && session.id !== other.id, "every session needs an id of its own");
      checkSame(session.messages, [], "the messages");
      checkSame(session.agentPath, [], "the path of agents");
      checkSame([session.system, session.parent, session.tools], [null, null, null], "system prompt, parent and tools");
      checkSame(session.directory, session.projectDirectory, "the working directory at first");
      checkSame(session.turn, { allow: [], deny: [] }, "what holds for the turn");
      check(!session.signal.aborted, "the signal of an open session is aborted");
    },
  },
  {
    name: "messages are kept in order, and what is there never changes",
    run: async (_subject, session) => {
      const given: Message[] = [said("go"), calling("a", "b"), results("a", "b"), answered("done"), said("more")];
      for (const [at, message] of given.entries()) {
        const before = session.messages.map(textOf);
        session.append(message);
        checkGrown(before, session.messages.map(textOf), "messages that were there");
        checkSame(session.messages, given.slice(0, at + 1), "the messages");
      }
    },
  },
  ...WRONG_LISTS.map(([name, ...messages]) => ({
    name: `a list that no model takes is refused: ${name}`,
    run: async (_subject: SessionSubject, session: Session) => {
      const wrong = messages.at(-1);
      for (const message of messages.slice(0, -1)) session.append(message);
      await checkRefused(() => wrong !== undefined && session.append(wrong), name);
      checkSame(session.messages, messages.slice(0, -1), "the messages after the refusal");
    },
  })),
  {
    name: "options are changed one by one, the state of a turn as a whole",
    run: async ({ sessions, directory }) => {
      const options = { permissionMode: "plan", allow: ["x"] } as const;
      const session = await sessions.open({ directory, options });
      session.setOptions({ model: "some-model" });
      checkSame(session.options, { ...options, deny: [], model: "some-model" }, "the options");
      session.setTurn({ allow: ["y"], deny: [], model: "another" });
      session.setTurn({ allow: [], deny: ["z"] });
      checkSame(session.turn, { allow: [], deny: ["z"] }, "the state of the turn");
    },
  },
  {
    name: "the working directory changes, the project's does not",
    run: async (_subject, session) => {
      const { projectDirectory } = session;
      session.setDirectory(`${projectDirectory}/below`);
      checkSame(session.directory, `${projectDirectory}/below`, "the working directory");
      checkSame(session.projectDirectory, projectDirectory, "the directory of the project");
    },
  },
  {
    name: "notes are kept by key, oldest first",
    run: async (_subject, session) => {
      checkSame(session.notes("one"), [], "notes under a key that nobody used");
      session.note("one", { n: 1 });
      session.note("two", "other");
      session.note("one", { n: 2 });
      checkSame(session.notes("one"), [{ n: 1 }, { n: 2 }], "the notes");
      checkSame(session.notes("two"), ["other"], "the notes under another key");
    },
  },
  {
    name: "a session below another is labelled with its path and limited to its tools",
    run: async ({ sessions, directory }, parent) => {
      const child = await sessions.open({ directory, parent, agent: "scout", tools: ["look"] });
      const below = await sessions.open({ directory, parent: child, agent: "helper" });
      checkSame([child.agentPath, below.agentPath], [["scout"], ["scout", "helper"]], "the paths of agents");
      check(child.parent === parent && below.parent === child, "a session must know the one above it");
      checkSame(child.tools, ["look"], "the tools");
      await below.close();
      await child.close();
      check(!parent.signal.aborted, "closing a session below closes the one above");
      parent.append(said("still here"));
    },
  },
  {
    name: "a closed session takes nothing, and can be closed again",
    run: async (_subject, session) => {
      session.append(said("go"));
      await session.close();
      await session.close();
      check(session.signal.aborted, "the signal of a closed session must be aborted");
      await checkRefused(() => session.append(answered("too late")), "a message after the end");
      checkSame(session.messages, [said("go")], "the messages");
    },
  },
];

/** What only those that record have to do. */
const RECORDED_CASES: readonly Case[] = [
  {
    name: "what was recorded is there again: messages, system prompt, options, directory and notes",
    run: async (subject, session) => {
      for (const message of [said("go"), calling("a"), results("a"), answered("done")]) session.append(message);
      session.setSystem(["You look."]);
      session.setOptions({ model: "some-model", deny: ["x"] });
      session.setDirectory(`${session.projectDirectory}/below`);
      session.note("seen", { n: 1 });
      const again = await resumed(subject, session);
      const kept = ({ id, messages, system, options, directory, projectDirectory }: Session): unknown => [
        [id, messages, system, options, directory, projectDirectory],
      ];
      checkSame(kept(again), kept(session), "the resumed session");
      checkSame(again.notes("seen"), [{ n: 1 }], "the notes");
      checkMessages(again.messages);
      again.append(said("more"));
    },
  },
  {
    name: "calls that nobody answered are answered when the session is resumed",
    run: async (subject, session) => {
      session.append(said("go"));
      session.append(calling("a", "b"));
      const before = session.messages.map(textOf);
      const again = await resumed(subject, session);
      checkGrown(before, again.messages.map(textOf), "messages that were recorded");
      checkMessages(again.messages);
      checkSame(answersOf(again.messages[2]), callsOf(again.messages[1]), "the calls that were answered");
      again.append(said("more"));
    },
  },
  {
    name: "a prompt that nobody answered can be followed by another when the session is resumed",
    run: async (subject, session) => {
      session.append(said("go"));
      const again = await resumed(subject, session);
      checkMessages(again.messages);
      again.append(said("more"));
    },
  },
  {
    name: "`latest` is the newest session of the directory, and all are listed",
    run: async (subject, session) => {
      const { sessions, directory } = subject;
      session.append(said("the first words"));
      await session.close();
      const listed = await sessions.list(directory);
      check(
        listed.some(({ id }) => id === session.id),
        "a recorded session is not listed",
      );
      const latest = await ((await subject.reopen?.()) ?? sessions).open({ directory, resume: "latest" });
      checkSame(latest.id, session.id, "the newest session");
    },
  },
  {
    name: "a session that is not there cannot be resumed",
    run: async ({ sessions, directory }) => {
      await checkRefused(() => sessions.open({ directory, resume: "no-such-session" }), "an unknown id");
    },
  },
  {
    name: "nothing is recorded of a session that asks for that",
    run: async ({ sessions, directory }) => {
      const session = await sessions.open({ directory, recorded: false });
      session.append(said("a secret"));
      checkSame(session.transcriptPath, undefined, "the path of the record");
      await session.close();
      const listed = await sessions.list(directory);
      check(!listed.some(({ id }) => id === session.id), "a session that is not recorded is listed");
    },
  },
];

/**
 * What a replacement of `transcript` must do, case by case; `open` makes a fresh service for each. The cases about records run when
 * `options.recorded` is not `false`.
 */
export function sessionConformance(
  open: () => Promise<SessionSubject>,
  options: { readonly recorded?: boolean | undefined } = {},
): readonly ConformanceCase[] {
  return [...CASES, ...(options.recorded === false ? [] : RECORDED_CASES)].map(({ name, run }) => ({
    name,
    run: async () => {
      const subject = await open();
      try {
        await run(subject, await subject.sessions.open({ directory: subject.directory }));
      } finally {
        await subject.dispose?.();
      }
    },
  }));
}

/** The session as a later process opens it. */
async function resumed({ sessions, directory, reopen }: SessionSubject, session: Session): Promise<Session> {
  await session.close();
  return ((await reopen?.()) ?? sessions).open({ directory, resume: session.id });
}
