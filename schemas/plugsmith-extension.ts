import type { Diagnostic } from "./diagnostic.ts";
import type { PlugsmithExtension } from "./plugin-manifest.ts";

/** What a plugin may do beyond its own folder; declared here, in force only where the host grants it too (DESIGN §5.4). */
export interface Capabilities {
  /** Folders and files that it reads: absolute, `~/…`, `${PROJECT_DIR}` or `${PLUGIN_DATA}` based. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Any host: no finer filter exists. */
  readonly net: boolean;
  readonly exec: boolean;
  /** Names of environment variables. */
  readonly env: readonly string[];
  /** Whether it keeps secrets of its own in the keychain. */
  readonly secrets: boolean;
  /** Keys of services of other plugins, or of the host, that it uses. */
  readonly services: readonly string[];
}

/** A point as its owner declares it. */
export interface PointDeclaration {
  /** The kind of manifest components that core delivers here. */
  readonly kind?: string | undefined;
  /** JSON Schema of a contribution, of a guarded point that of its descriptor. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
  readonly guarded?:
    | {
        /** Key of the gate event. */
        readonly gate: string;
        /** What counts when every listener of the gate passes. */
        readonly unanswered: "deny" | "allow";
        readonly audited: boolean;
        /** Property of the descriptor that holds the JSON Schema of inputs. */
        readonly input?: string | undefined;
      }
    | undefined;
}

/** One contribution that is known before any code of its plugin runs. */
export interface StaticContribution {
  readonly name: string;
  /** The value, of a guarded point the descriptor; its `name` is the contribution's where it has one. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** The `plugsmith` key of a manifest, read. Keys of points, events and services without a `/` are the plugin's own. */
export interface Extension {
  readonly entry: string | undefined;
  readonly engine: string | undefined;
  readonly capabilities: Capabilities;
  readonly contributes: Readonly<Record<string, readonly StaticContribution[]>>;
  readonly points: Readonly<Record<string, PointDeclaration>>;
  /** Keys of services. */
  readonly provides: readonly string[];
  /** Keys of services; without a provider the plugin is held. */
  readonly uses: readonly string[];
  /** Keys of events that it listens to. */
  readonly listens: readonly string[];
  /** Whether it is activated at boot instead of at its first use. */
  readonly startup: boolean;
  /** Whether it can be disabled or replaced from user and managed settings only. */
  readonly protected: boolean;
}

/** No grant at all. */
export const NO_CAPABILITIES: Capabilities = {
  read: [],
  write: [],
  net: false,
  exec: false,
  env: [],
  secrets: false,
  services: [],
};

const NONE: Extension = {
  entry: undefined,
  engine: undefined,
  capabilities: NO_CAPABILITIES,
  contributes: {},
  points: {},
  provides: [],
  uses: [],
  listens: [],
  startup: false,
  protected: false,
};

const KEYS: ReadonlySet<string> = new Set([
  "entry",
  "engine",
  "capabilities",
  "contributes",
  "points",
  "provides",
  "uses",
  "listens",
  "activation",
  "protected",
]);

/**
 * Reads the `plugsmith` key by hand: it lies on the start path of the host. A finding of severity error means that the plugin
 * cannot be loaded; `id` names the plugin whose own keys are completed.
 */
export function readExtension(
  written: PlugsmithExtension | undefined,
  id: string,
): { readonly value: Extension; readonly diagnostics: readonly Diagnostic[] } {
  if (written === undefined) return { value: NONE, diagnostics: [] };
  const reader = new ExtensionReader(id);
  return { value: reader.read(written as Readonly<Record<string, unknown>>), diagnostics: reader.diagnostics };
}

class ExtensionReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  read(written: Readonly<Record<string, unknown>>): Extension {
    for (const key of Object.keys(written)) {
      if (!KEYS.has(key)) this.#warn(`\`plugsmith.${key}\` is not known and has no effect`);
    }
    return {
      entry: this.#text(written["entry"], "entry"),
      engine: this.#text(written["engine"], "engine"),
      capabilities: this.#capabilities(written["capabilities"]),
      contributes: this.#contributes(written["contributes"]),
      points: this.#points(written["points"]),
      provides: this.#keys(written["provides"], "provides"),
      uses: this.#keys(written["uses"], "uses"),
      listens: this.#keys(written["listens"], "listens"),
      startup: this.#activation(written["activation"]),
      protected: this.#flag(written["protected"], "protected"),
    };
  }

  #capabilities(value: unknown): Capabilities {
    const at = "capabilities";
    const written = this.#object(value, at);
    return {
      read: this.#texts(written["read"], `${at}.read`),
      write: this.#texts(written["write"], `${at}.write`),
      net: this.#flag(written["net"], `${at}.net`),
      exec: this.#flag(written["exec"], `${at}.exec`),
      env: this.#texts(written["env"], `${at}.env`),
      secrets: this.#flag(written["secrets"], `${at}.secrets`),
      services: this.#texts(written["services"], `${at}.services`),
    };
  }

  #contributes(value: unknown): Extension["contributes"] {
    const result: Record<string, readonly StaticContribution[]> = {};
    for (const [key, list] of Object.entries(this.#object(value, "contributes"))) {
      const at = `contributes.${key}`;
      if (!Array.isArray(list)) {
        this.#error(`\`plugsmith.${at}\` must be a list`);
        continue;
      }
      const seen = new Set<string>();
      result[this.#own(key)] = list.flatMap((item: unknown, index) => {
        const entry = this.#object(item, `${at}[${index}]`);
        const name = entry["name"];
        if (typeof name !== "string" || name === "" || seen.has(name)) {
          this.#error(`\`plugsmith.${at}[${index}]\` needs a \`name\` of its own`);
          return [];
        }
        seen.add(name);
        return [{ name, value: entry }];
      });
    }
    return result;
  }

  #points(value: unknown): Extension["points"] {
    const result: Record<string, PointDeclaration> = {};
    for (const [key, written] of Object.entries(this.#object(value, "points"))) {
      const at = `points.${key}`;
      const declaration = this.#object(written, at);
      const kind = this.#text(declaration["kind"], `${at}.kind`);
      const schema =
        declaration["schema"] === undefined ? undefined : this.#object(declaration["schema"], `${at}.schema`);
      result[this.#own(key)] = { kind, schema, guarded: this.#guarded(declaration["guarded"], `${at}.guarded`) };
    }
    return result;
  }

  #guarded(value: unknown, at: string): PointDeclaration["guarded"] {
    if (value === undefined) return undefined;
    const written = this.#object(value, at);
    const gate = this.#text(written["gate"], `${at}.gate`);
    const unanswered = written["unanswered"] ?? "deny";
    if (gate === undefined) this.#error(`\`plugsmith.${at}.gate\` must name an event`);
    if (unanswered !== "deny" && unanswered !== "allow") {
      this.#error(`\`plugsmith.${at}.unanswered\` must be \`deny\` or \`allow\``);
    }
    return {
      gate: this.#own(gate ?? "missing"),
      unanswered: unanswered === "allow" ? "allow" : "deny",
      audited: written["audited"] !== false,
      input: this.#text(written["input"], `${at}.input`),
    };
  }

  #activation(value: unknown): boolean {
    if (value === undefined) return false;
    if (value === "startup" || value === "lazy") return value === "startup";
    this.#error("`plugsmith.activation` must be `startup` or `lazy`");
    return false;
  }

  #keys(value: unknown, at: string): readonly string[] {
    return this.#texts(value, at).map((key) => this.#own(key));
  }

  /** A key without a `/` belongs to the plugin itself. */
  #own(key: string): string {
    return key.includes("/") ? key : `${this.#id}/${key}`;
  }

  #text(value: unknown, at: string): string | undefined {
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    this.#error(`\`plugsmith.${at}\` must be a text`);
    return undefined;
  }

  #texts(value: unknown, at: string): readonly string[] {
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "")) return value;
    this.#error(`\`plugsmith.${at}\` must be a list of texts`);
    return [];
  }

  #flag(value: unknown, at: string): boolean {
    if (value === undefined || typeof value === "boolean") return value ?? false;
    this.#error(`\`plugsmith.${at}\` must be \`true\` or \`false\``);
    return false;
  }

  #object(value: unknown, at: string): Readonly<Record<string, unknown>> {
    if (value === undefined) return {};
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    this.#error(`\`plugsmith.${at}\` must be an object`);
    return {};
  }

  #error(message: string): void {
    this.diagnostics.push({ code: "E_MANIFEST", severity: "error", message, dropped: "plugin" });
  }

  #warn(message: string): void {
    this.diagnostics.push({ code: "W_UNKNOWN_KEY", severity: "warning", message });
  }
}
