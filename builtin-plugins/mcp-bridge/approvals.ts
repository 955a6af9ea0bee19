import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isObject, type Settings } from "plugsmith/plugin-api";

/** What is known about a server of a project. */
export type Approval =
  | { readonly kind: "approved" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

const ENABLED = "enabledMcpjsonServers";
const DISABLED = "disabledMcpjsonServers";
const ALL = "enableAllProjectMcpServers";

/**
 * A person's yes to the servers of a project. The settings say which names; a file of ours says what stood behind the name when the
 * yes was given, so that another command under the same name is asked for again.
 */
export class Approvals {
  readonly #settings: Settings;
  readonly #file: string;

  constructor(settings: Settings, file: string) {
    this.#settings = settings;
    this.#file = file;
  }

  /** `project` is the folder, `digest` that of the server as it is written. The project's own settings can say no, never yes. */
  of(project: string, name: string, digest: string): Approval {
    for (const { value, file } of this.#settings.layers(DISABLED)) {
      if (names(value).includes(name)) return { kind: "refused", reason: `\`${DISABLED}\` in ${file} names it` };
    }
    const all = this.#settings.layers(ALL).find(({ layer }) => layer !== "project");
    if (all?.value === true) return { kind: "approved" };
    const yes = this.#settings
      .layers(ENABLED)
      .filter(({ layer, value }) => layer !== "project" && names(value).includes(name));
    if (yes.length === 0) return { kind: "unknown", reason: "nobody has approved it yet" };
    const before = this.#read()[key(project, name)];
    if (before === digest) return { kind: "approved" };
    if (before !== undefined) return { kind: "unknown", reason: "it changed since it was approved" };
    this.#write(key(project, name), digest);
    return { kind: "approved" };
  }

  /** Keeps an answer in the person's own settings of the project. Throws what the file system says. */
  remember(project: string, name: string, digest: string, yes: boolean): void {
    const list = yes ? ENABLED : DISABLED;
    const present = names(this.#settings.layers(list).find(({ layer }) => layer === "local")?.value);
    if (yes) this.#write(key(project, name), digest);
    if (!present.includes(name)) this.#settings.set("local", list, [...present, name]);
  }

  #read(): Readonly<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#file, "utf8"));
      return isObject(value) ? value : {};
    } catch {
      // Absent or torn: nothing is known, so the person is asked again where something changed.
      return {};
    }
  }

  #write(entry: string, digest: string): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.${String(process.pid)}`;
    writeFileSync(draft, `${JSON.stringify({ ...this.#read(), [entry]: digest }, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function key(project: string, name: string): string {
  return `${project}\n${name}`;
}
