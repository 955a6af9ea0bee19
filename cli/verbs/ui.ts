import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { CodedError } from "../../schemas/errors.ts";
import { compose, type Engine } from "../compose.ts";
import type { Person } from "../consent.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { homeOf } from "../home.ts";
import { counted } from "../print/amount.ts";
import { bold } from "../print/style.ts";
import { targetOf } from "../target.ts";
import { ChangeRunner } from "../ui/change-runner.ts";
import { Door } from "../ui/door.ts";
import type { ChangeEvent } from "../ui/change-event.ts";
import { openBrowser, reachHints } from "../ui/open-browser.ts";
import { Pages } from "../ui/pages.ts";
import { uiRequests } from "../ui/server.ts";
import type { Verb } from "../verb.ts";

/** `plugin ui`. */
export const verb: Verb = {
  name: "ui",
  summary: "show and change what is installed in a browser",
  positionals: [],
  flags: [
    { name: "port", value: "number", summary: "the port to listen on (default: a free one)" },
    { name: "no-open", summary: "print the link and open no browser" },
  ],
  about: [
    "Serves pages on 127.0.0.1 to the one browser that comes through the printed link, which works once. Changes show the plan",
    "and ask as in the terminal: nothing runs before a person said yes to the digest that is shown. Ctrl-C ends the server.",
  ],
  examples: ["plugin ui", "plugin ui --port 4280 --no-open"],
  run: async (context, args) => {
    const port = portOf(valueOf(args, "port"));
    const { services, quiet } = await context.engine();
    const verdict = services.decide({ kind: "flag", name: "ui" }, "use");
    if (!verdict.allowed) {
      throw new CodedError("E_SOURCE_BLOCKED", `policy does not allow \`plugin ui\`: ${verdict.reason}`, {
        where:
          verdict.rule.line === undefined ? verdict.rule.file : `${verdict.rule.file}:${String(verdict.rule.line)}`,
        hint: `ask your administrator about the rule \`${verdict.rule.key}\``,
      });
    }
    quiet();
    const changes = await serve(context, args, port, services.signal);
    return {
      exit: EXIT.ok,
      data: { changes },
      text: () => [`the server has ended after ${counted(changes, "change")}`],
    };
  },
};

/** Serves until the signal; returns how many changes were made. */
async function serve(context: VerbContext, args: ParsedArguments, port: number, signal: AbortSignal): Promise<number> {
  const { writer, environment, options } = context;
  const open = (person: Person, tell: (event: ChangeEvent) => void, ends: AbortSignal): Promise<Engine> =>
    compose({
      home: homeOf(environment),
      environment,
      offline: options.offline,
      signal: ends,
      progress: (message) => {
        if (message !== undefined) tell({ kind: "progress", message });
      },
      remark: (message) => tell({ kind: "remark", message }),
      now: () => new Date(),
      person,
    });
  let changes = 0;
  const runner = new ChangeRunner({
    environment,
    dryRun: options.dryRun,
    targetOf: (scope) => targetOf(context, scope, homeOf(environment)),
    compose: open,
  });
  const onEvent = (event: ChangeEvent): void => {
    if (event.kind !== "done" || event.outcome !== "done") return;
    changes += 1;
    writer.err([`done: ${event.plan.verb} (generation ${String(event.generation)})`]);
  };
  const server = await listening(port, signal);
  const address = server.address();
  const door = new Door(typeof address === "object" && address !== null ? address.port : port);
  server.on(
    "request",
    uiRequests({
      door,
      pages: new Pages({ context, compose: () => open(NOBODY, () => undefined, signal), pageToken: door.pageToken }),
      changes: runner,
      signal,
      onEvent,
    }),
  );
  const hints = args.switches.has("no-open") ? [] : reachHints(door.port, environment);
  writer.err([`plugin ui: ${bold(door.link)}`, "the link lets one browser in, once; Ctrl-C ends the server", ...hints]);
  using _ = args.switches.has("no-open") ? undefined : openBrowser(door.link, environment);
  if (!signal.aborted) await once(signal, "abort");
  const [isCutOff, before] = [runner.isBusy, changes];
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  // One that is past its commit is finished; every other one leaves nothing.
  await runner.settled();
  if (isCutOff && changes === before) {
    throw new CodedError("E_INTERRUPTED", "interrupted while a change was under way; it was not made");
  }
  return changes;
}

/** Whoever only looks is asked nothing. */
const NOBODY: Person = {
  interactive: false,
  accepted: [],
  command: "plugin",
  detail: "short",
  show: () => undefined,
  ask: async () => false,
};

/** A server that listens on loopback; port 0 is a free one. */
async function listening(port: number, signal: AbortSignal): Promise<Server> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening", { signal });
  } catch (error) {
    if (signal.aborted) throw new CodedError("E_INTERRUPTED", "interrupted before the server listened");
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const why = code === "EADDRINUSE" ? "another program listens there" : code;
    throw new CodedError("E_IO", `cannot listen on 127.0.0.1:${String(port)}: ${why}`, {
      cause: error,
      hint: "name another port with `--port`, or leave it out for a free one",
    });
  }
  return server;
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (/^\d{1,5}$/u.test(text) && port >= 1024 && port <= 65_535) return port;
  throw new CodedError("E_USAGE", `\`--port ${text}\` is no port that a person may use`, {
    hint: "give a number from 1024 to 65535, or leave it out",
  });
}
