import type { Choice, EmitOptions, GateAnswer, GateResult } from "../../plugin-api/event.ts";
import type { GuardedRequest, InvokeOptions, Invoked } from "../../plugin-api/point.ts";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import type { Person } from "../../plugin-api/services/person.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { PointDeclaration } from "../../schemas/plugsmith-extension.ts";
import type { PendingCalls } from "../observe/pending-calls.ts";
import { inputProblem } from "./input-check.ts";
import type { PointEntry } from "./point-registry.ts";

/** What a guarded call needs of the host. */
export interface GuardedOptions {
  readonly pending: PendingCalls;
  readonly audit: Audit;
  readonly emitGate: (gate: string, request: GuardedRequest, options: EmitOptions) => Promise<GateResult>;
  readonly emitAnswered: (request: GuardedRequest, choice: string) => Promise<void>;
  readonly person: () => Promise<Person | undefined>;
  /** Activates the plugin of an entry and returns the entry with its function. */
  readonly callable: (point: string, entry: PointEntry) => Promise<PointEntry>;
}

type Guard = NonNullable<PointDeclaration["guarded"]>;

/** The only way to a function of a guarded point: check of the input, gate, audit record, call (DESIGN §6). */
export class GuardedCalls {
  readonly #options: GuardedOptions;

  constructor(options: GuardedOptions) {
    this.#options = options;
  }

  async invoke(
    point: string,
    guard: Guard,
    entry: PointEntry,
    input: unknown,
    options: InvokeOptions,
  ): Promise<Invoked<unknown>> {
    const { signal, agentPath = [], context, callId } = options;
    signal?.throwIfAborted();
    await requireFit(guard, entry, input);
    const request: GuardedRequest = {
      point,
      plugin: entry.plugin,
      name: entry.name,
      descriptor: entry.value,
      input,
      callId,
      agentPath,
      context,
    };
    const gate = await this.#options.emitGate(guard.gate, request, { signal });
    const decided = await this.#decide(guard, request, gate, options);
    const final = gate.input ?? input;
    const remarks = gate.context ?? [];
    this.#record(guard, request, final, decided);
    if (!decided.allowed) {
      const { reason, by, offers } = decided;
      return { kind: "denied", reason, by, context: remarks, ...(offers !== undefined && { offers }) };
    }
    if (gate.input !== undefined) await requireFit(guard, entry, final);
    const { call } = await this.#options.callable(point, entry);
    if (call === undefined) {
      throw new CodedError("E_NOT_ANNOUNCED", `\`${entry.plugin.id}\` announces \`${entry.name}\` and does not add it`);
    }
    const output = await this.#options.pending.run(
      { plugin: entry.plugin.id, action: `${point} ${entry.name}` },
      Infinity,
      signal,
      () =>
        call(final, {
          callId,
          signal: signal ?? new AbortController().signal,
          context,
          progress: options.onProgress ?? (() => undefined),
        }),
    );
    return { kind: "done", output, input: final, context: remarks };
  }

  async #decide(
    guard: Guard,
    request: GuardedRequest,
    gate: GateResult,
    { signal, neverAsk }: InvokeOptions,
  ): Promise<Decision> {
    const by = gate.by ?? "core";
    switch (gate.decision) {
      case "allow":
        return { allowed: true, by };
      case "deny":
        return { allowed: false, by, reason: gate.reason ?? "it was denied" };
      case "ask":
        if (neverAsk !== true) return this.#ask(request, gate, signal);
        return { allowed: false, by, reason: gate.reason ?? "it would need a person's yes" };
      case "pass":
        return guard.unanswered === "allow"
          ? { allowed: true, by }
          : { allowed: false, by, reason: `nobody answers \`${guard.gate}\`, so nothing is allowed` };
    }
  }

  async #ask(request: GuardedRequest, gate: GateAnswer, signal: AbortSignal | undefined): Promise<Decision> {
    const person = await this.#options.person();
    if (person === undefined) {
      const reason = gate.reason ?? "it needs a person's yes and nobody can be asked";
      return { allowed: false, by: "core", reason, offers: gate.offers };
    }
    const never = new AbortController();
    const answer = await person.ask({
      kind: "permission",
      title: gate.reason ?? `\`${request.name}\` wants to run`,
      detail: [JSON.stringify(gate.input ?? request.input)],
      agentPath: request.agentPath,
      choices: [{ id: "allow", label: "yes" }, ...(gate.offers ?? []), { id: "deny", label: "no" }],
      signal: signal ?? never.signal,
    });
    signal?.throwIfAborted();
    const choice = answer?.choice ?? "deny";
    await this.#options.emitAnswered(request, choice);
    if (choice !== "deny") return { allowed: true, by: "person" };
    return { allowed: false, by: "person", reason: answer?.text ?? "the person said no" };
  }

  /** Written before the call: what cannot be recorded is not done. */
  #record(guard: Guard, request: GuardedRequest, input: unknown, decided: Decision): void {
    if (!guard.audited) return;
    this.#options.audit.append({
      action: request.point,
      subject: `${request.plugin.id} ${request.name}`,
      outcome: decided.allowed ? "allowed" : "denied",
      detail: {
        callId: request.callId,
        by: decided.by,
        input: shortened(input),
        ...(request.agentPath.length > 0 && { agent: request.agentPath.join("/") }),
        ...(!decided.allowed && { reason: decided.reason }),
      },
    });
  }
}

type Decision =
  | { readonly allowed: true; readonly by: string }
  | {
      readonly allowed: false;
      readonly by: string;
      readonly reason: string;
      readonly offers?: readonly Choice[] | undefined;
    };

const MAX_RECORDED = 2_000;

function shortened(input: unknown): string {
  const text = JSON.stringify(input) ?? "";
  return text.length > MAX_RECORDED ? `${text.slice(0, MAX_RECORDED)}…` : text;
}

async function requireFit(guard: Guard, entry: PointEntry, input: unknown): Promise<void> {
  if (guard.input === undefined) return;
  const schema = (entry.value as Readonly<Record<string, unknown>>)[guard.input];
  const problem = await inputProblem(schema, input);
  if (problem === undefined) return;
  throw new CodedError("E_INPUT", `the input of \`${entry.name}\` does not fit its schema: ${problem}`, {
    hint: "correct the input and call it again",
  });
}
