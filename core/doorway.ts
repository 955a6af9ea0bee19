import { isDeepStrictEqual } from "node:util";
import type { Registration } from "../plugin-api/disposable.ts";
import {
  gateEvent,
  type AnyEvent,
  type EmitOptions,
  type GateResult,
  type ListenOptions,
} from "../plugin-api/event.ts";
import { guardedAnswered } from "../plugin-api/events/tool.ts";
import type { PluginInfo } from "../plugin-api/plugin-info.ts";
import type { GuardedContribution, GuardedRequest } from "../plugin-api/point.ts";
import { personService, type Person } from "../plugin-api/services/person.ts";
import type { Audit } from "../plugin-api/service-contracts.ts";
import { CodedError } from "../schemas/errors.ts";
import type { StaticContribution } from "../schemas/plugsmith-extension.ts";
import type { AnyPoint, ContextHost } from "./activate/plugin-context.ts";
import { EventBus } from "./events/event-bus.ts";
import type { ListenerFunction } from "./events/listener.ts";
import { Directory } from "./graph/directory.ts";
import type { PendingCalls } from "./observe/pending-calls.ts";
import type { PluginRecord } from "./plugin-record.ts";
import { GuardedCalls } from "./points/guarded-calls.ts";
import { PointRegistry, type PointEntry } from "./points/point-registry.ts";
import { pointReader } from "./points/point-reader.ts";
import { staticEntries } from "./points/static-entries.ts";
import { ServiceRegistry, type HostService } from "./services/service-registry.ts";

/** What the doorway needs of the host. */
export interface DoorwayOptions {
  readonly services: readonly HostService[];
  readonly audit: Audit;
  readonly pending: PendingCalls;
  readonly find: (id: string) => PluginRecord | undefined;
  readonly records: () => Iterable<PluginRecord>;
  readonly activate: (record: PluginRecord) => Promise<void>;
  readonly failed: (plugin: string, error: unknown) => void;
}

/** What lies behind every plugin's door: points, events and services, held to what manifests announce. */
export class Doorway implements ContextHost {
  readonly #options: DoorwayOptions;
  readonly #directory = new Directory();
  readonly #points = new PointRegistry();
  readonly #services: ServiceRegistry;
  readonly #bus: EventBus;
  readonly #guarded: GuardedCalls;
  /** Points that were read: from then on they know what manifests contribute. */
  readonly #filled = new Set<string>();

  constructor(options: DoorwayOptions) {
    this.#options = options;
    this.#services = new ServiceRegistry(options.services);
    this.#bus = new EventBus({
      pending: options.pending,
      dependenciesOf: (id) => options.find(id)?.plugin.dependencies ?? [],
      prepare: (event) => this.#prepare(event),
      onFailure: options.failed,
    });
    this.#guarded = new GuardedCalls({
      pending: options.pending,
      audit: options.audit,
      emitGate: (gate, request, emitOptions) => this.#emitGate(gate, request, emitOptions),
      emitAnswered: async (request, choice) => void (await this.emit(guardedAnswered, { request, choice }, undefined)),
      person: () => this.#person(),
      callable: (point, entry) => this.#callable(point, entry),
    });
  }

  /** Enters what a manifest announces. Throws `E_SERVICE_CONFLICT`. */
  announce(record: PluginRecord): void {
    this.#directory.add(record);
  }

  /** Adds what a manifest contributes to the points that were read already. */
  addStatics(record: PluginRecord): void {
    for (const key of this.#filled) this.#fill(record, key);
  }

  /** Takes out what a manifest announces and contributes. */
  withdraw(record: PluginRecord): void {
    this.#directory.remove(record.id);
    for (const registration of record.statics.splice(0)) registration.dispose();
  }

  /** Throws `E_NOT_ANNOUNCED` for what was announced and not added. */
  verify({ id, extension }: PluginRecord): void {
    const service = extension.provides.find((key) => !this.#services.isProvidedBy(id, key));
    if (service !== undefined) {
      throw new CodedError("E_NOT_ANNOUNCED", `\`${id}\` announces the service \`${service}\` and does not provide it`);
    }
    for (const [key, contributions] of Object.entries(extension.contributes)) {
      if (this.#directory.owner(key)?.declaration.guarded === undefined) continue;
      const missing = contributions.find(({ name }) => this.#points.find(key, id, name)?.call === undefined);
      if (missing !== undefined) {
        throw new CodedError(
          "E_NOT_ANNOUNCED",
          `\`${id}\` announces \`${missing.name}\` at \`${key}\` and does not add it`,
        );
      }
    }
  }

  isHostService(key: string): boolean {
    return this.#services.isHostService(key);
  }

  isProvided(key: string): boolean {
    return this.#services.isHostService(key) || this.#directory.provider(key) !== undefined;
  }

  isOwned(point: string): boolean {
    return this.#directory.owner(point) !== undefined;
  }

  unansweredGates(): readonly string[] {
    return this.#directory.gates().filter((gate) => this.#directory.listeners(gate).size === 0);
  }

  /** The plugin that announces a service. */
  providerOf(key: string): string | undefined {
    return this.#directory.provider(key);
  }

  isGuardGate(event: string): boolean {
    return this.#directory.isGuard(event);
  }

  isClaimed(kind: string): boolean {
    return this.#directory.pointOfKind(kind) !== undefined;
  }

  get registered(): { readonly contributions: number; readonly listeners: number; readonly services: number } {
    return { contributions: this.#points.size, listeners: this.#bus.size, services: this.#services.size };
  }

  contribute(plugin: PluginInfo, point: AnyPoint, name: string, value: unknown): Registration {
    if (this.#directory.owner(point.key)?.declaration.kind !== undefined) {
      // A person sees components in the plan before they run; those that code makes up nobody has seen.
      throw new CodedError("E_NOT_ANNOUNCED", `\`${plugin.id}\` contributes to \`${point.key}\` by code`, {
        hint: "components stand in the manifest and its folders",
      });
    }
    const announced = announcedAt(this.#options.find(plugin.id), point.key, name);
    if (!point.guarded) {
      // A value that the manifest gives counts; the code's own changes nothing.
      return this.#points.add(point.key, { plugin, name, value, call: undefined }, "code");
    }
    const { descriptor, call } = value as GuardedContribution<unknown, unknown, unknown>;
    if (announced !== undefined && !isSameJson(announced.value, descriptor)) {
      throw new CodedError(
        "E_NOT_ANNOUNCED",
        `\`${plugin.id}\` describes \`${name}\` otherwise than its manifest does`,
        {
          hint: `write the same in both: ${differences(announced.value, descriptor)}`,
        },
      );
    }
    return this.#points.add(point.key, { plugin, name, value: descriptor, call }, "code");
  }

  async read(_plugin: PluginInfo, key: string): Promise<unknown> {
    const owner = this.#directory.owner(key);
    if (owner === undefined) {
      throw new CodedError("E_POINT_UNKNOWN", `no enabled plugin owns the point \`${key}\``, {
        hint: "`plugsmith boot --tree` shows what is enabled",
      });
    }
    const record = this.#options.find(owner.plugin);
    if (record !== undefined) await this.#options.activate(record);
    if (!this.#filled.has(key)) {
      this.#filled.add(key);
      for (const each of this.#options.records()) if (each.usable) this.#fill(each, key);
    }
    return pointReader(key, owner.declaration, this.#points, this.#guarded);
  }

  listen(
    plugin: PluginInfo,
    event: AnyEvent,
    listener: ListenerFunction,
    options: ListenOptions,
    signal: AbortSignal,
  ): Registration {
    const announced = this.#options.find(plugin.id)?.extension.listens;
    if (announced?.includes(event.key) === false) {
      throw notAnnounced(plugin.id, `listens to \`${event.key}\``, `"listens": ["${event.key}"]`);
    }
    return this.#bus.listen(event, plugin.id, listener, options, signal);
  }

  emit(event: AnyEvent, payload: unknown, options: EmitOptions | undefined): Promise<unknown> {
    return this.#bus.emit(event, payload, options);
  }

  provide(plugin: PluginInfo, key: string, implementation: unknown): Registration {
    const announced = this.#options.find(plugin.id)?.extension.provides;
    if (announced?.includes(key) === false) {
      throw notAnnounced(plugin.id, `provides \`${key}\``, `"provides": ["${key}"]`);
    }
    return this.#services.provide(plugin.id, key, implementation);
  }

  async service(plugin: PluginInfo, key: string): Promise<unknown> {
    const provider = this.#directory.provider(key);
    const record = provider === undefined ? undefined : this.#options.find(provider);
    if (record !== undefined) await this.#options.activate(record);
    return this.#services.get(key, plugin, this.#options.find(plugin.id)?.owned.signal);
  }

  #fill(record: PluginRecord, key: string): void {
    const owner = this.#directory.owner(key);
    for (const entry of staticEntries(record, key, owner?.declaration.kind)) {
      record.statics.push(this.#points.add(key, entry, "manifest"));
    }
  }

  /** Activates the listeners of an event that are not yet up; resolves with the ids of those that cannot run. */
  #prepare(event: string): Promise<readonly string[]> | undefined {
    const announced = this.#directory.listeners(event);
    if (announced.size === 0) return undefined;
    const failed: string[] = [];
    const waiting: Promise<void>[] = [];
    for (const id of announced) {
      const record = this.#options.find(id);
      if (record === undefined || record.state.kind === "activated") continue;
      if (!record.usable) failed.push(id);
      else waiting.push(this.#options.activate(record).catch((error: unknown) => this.#couldNot(id, error, failed)));
    }
    if (waiting.length === 0 && failed.length === 0) return undefined;
    return Promise.all(waiting).then(() => failed);
  }

  #couldNot(id: string, error: unknown, failed: string[]): void {
    failed.push(id);
    this.#options.failed(id, error);
  }

  async #emitGate(gate: string, request: GuardedRequest, options: EmitOptions): Promise<GateResult> {
    const event = gateEvent<GuardedRequest>(gate, { matchOn: ({ name }) => name, budgetMs: Infinity });
    return (await this.#bus.emit(event, request, options)) as GateResult;
  }

  async #person(): Promise<Person | undefined> {
    return (await this.service(CORE, personService.key)) as Person | undefined;
  }

  async #callable(point: string, entry: PointEntry): Promise<PointEntry> {
    if (entry.call !== undefined) return entry;
    const record = this.#options.find(entry.plugin.id);
    if (record !== undefined) await this.#options.activate(record);
    return this.#points.find(point, entry.plugin.id, entry.name) ?? entry;
  }
}

/** Who asks for the person. */
const CORE: PluginInfo = { id: "core", name: "core", version: "", tier: "builtin", directory: "", dataDirectory: "" };

/** What the manifest says of a contribution; throws `E_NOT_ANNOUNCED` when it speaks of others only. */
function announcedAt(record: PluginRecord | undefined, point: string, name: string): StaticContribution | undefined {
  if (record === undefined) return undefined;
  const all = record.extension.contributes[point];
  const announced = all?.find((one) => one.name === name);
  // An empty list announces contributions that only the code knows.
  if (announced !== undefined || all?.length === 0) return announced;
  throw notAnnounced(
    record.id,
    `contributes \`${name}\` to \`${point}\``,
    `"contributes": {"${point}": [{"name": "${name}"}]}`,
  );
}

/** The members that differ; one that only the code has may be a default that the manifest has to spell out. */
function differences(announced: Readonly<Record<string, unknown>>, descriptor: unknown): string {
  // Members that JSON does not have are no difference.
  const written: unknown = JSON.parse(JSON.stringify(descriptor));
  const described = new Map<string, unknown>(
    Object.entries(typeof written === "object" && written !== null ? written : {}),
  );
  const keys = new Set([...Object.keys(announced), ...described.keys()]);
  const different = [...keys].filter((key) => !isDeepStrictEqual(announced[key], described.get(key)));
  const texts = different.map((key) => {
    const value = described.has(key) ? JSON.stringify(described.get(key)) : "nothing";
    return `\`${key}\` (the code says ${value.length > 60 ? "otherwise" : value})`;
  });
  return texts.join(", ");
}

function isSameJson(announced: unknown, descriptor: unknown): boolean {
  return isDeepStrictEqual(announced, JSON.parse(JSON.stringify(descriptor)));
}

function notAnnounced(plugin: string, what: string, key: string): CodedError {
  return new CodedError("E_NOT_ANNOUNCED", `\`${plugin}\` ${what}, which its manifest does not announce`, {
    hint: `write \`${key}\` under \`plugsmith\` in its manifest`,
  });
}
