import { CodedError, isCodedError } from "../schemas/errors.ts";
import { readExtension, type Extension } from "../schemas/plugsmith-extension.ts";
import type { Registration } from "../plugin-api/disposable.ts";
import { Circuit, type CircuitLimits } from "./activate/circuit.ts";
import { Ownership } from "./activate/ownership.ts";
import type { HostPlugin } from "./host-plugin.ts";
import { next, type PluginState, type Transition } from "./lifecycle.ts";

/** One plugin of a host with its state; only the host moves it. */
export class PluginRecord {
  readonly plugin: HostPlugin;
  readonly extension: Extension;
  readonly circuit: Circuit;
  /** What its manifest contributes without code, while a reader knows the point. */
  readonly statics: Registration[] = [];
  activation: Promise<void> | undefined;
  owned: Ownership;
  #state: PluginState;

  constructor(plugin: HostPlugin, limits: CircuitLimits) {
    const { value, diagnostics } = readExtension(plugin.manifest.plugsmith, plugin.info.id);
    this.plugin = plugin;
    this.extension = value;
    this.circuit = new Circuit(limits);
    this.owned = new Ownership(plugin.info.id);
    this.#state = { kind: "discovered", diagnostics: [...plugin.diagnostics, ...diagnostics] };
    const broken = diagnostics.find(({ severity }) => severity === "error");
    if (broken !== undefined) this.fail("resolve", new CodedError("E_MANIFEST", broken.message));
    else if (plugin.held !== undefined) this.move({ to: "held", ...plugin.held });
  }

  get id(): string {
    return this.plugin.info.id;
  }

  get state(): PluginState {
    return this.#state;
  }

  /** Whether it takes part: neither held nor failed nor gone. */
  get usable(): boolean {
    const { kind } = this.#state;
    return kind === "resolved" || kind === "loaded" || kind === "activated";
  }

  move(transition: Transition): void {
    this.#state = next(this.#state, transition);
  }

  fail(at: "resolve" | "load" | "activate", error: unknown, blockedBy?: string): void {
    this.move({ to: "failed", at, error: coded(error, this.id, at), blockedBy });
  }

  /** Throws what keeps the plugin from being used. */
  requireUsable(): void {
    const state = this.#state;
    switch (state.kind) {
      case "held":
        throw new CodedError("E_PLUGIN_HELD", `plugin \`${this.id}\` is held back: ${state.message}`, {
          hint: state.hint,
          data: { plugin: this.id, reason: state.reason },
        });
      case "failed":
        throw state.error;
      case "disposed":
        throw new CodedError("E_PLUGIN_FAILED", `plugin \`${this.id}\` was disposed`);
      default:
    }
  }
}

/** An error as one of ours, with the plugin and the step. */
export function coded(error: unknown, plugin: string, at: string): CodedError {
  if (isCodedError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CodedError("E_PLUGIN_FAILED", `plugin \`${plugin}\` failed at ${at}: ${message}`, {
    cause: error,
    data: { plugin, at },
  });
}
