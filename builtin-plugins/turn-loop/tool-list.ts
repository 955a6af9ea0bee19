import type {
  GuardedHandle,
  JsonSchema,
  Log,
  PointReader,
  Session,
  Settings,
  ToolDescriptor,
  ToolResult,
} from "plugsmith/plugin-api";

/** A tool as the loop calls it. */
export type ToolHandle = GuardedHandle<ToolDescriptor, unknown, ToolResult>;

/** A tool of a session. */
export interface ListedTool {
  readonly handle: ToolHandle;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly readOnly: boolean;
  /** May run beside others that may. */
  readonly parallel: boolean;
  readonly pathFields: readonly string[];
  /** Older names, of built-in tools only: nobody else's passes for a tool that it is not. */
  readonly aliases: readonly string[];
}

const NAME = /^[a-zA-Z0-9_-]{1,128}$/u;

/** The tools of a session, sorted by name: equal from step to step as long as none comes or goes, so that the model's cache holds. */
export class ToolList {
  readonly #reader: PointReader<ToolHandle>;
  readonly #settings: Settings | undefined;
  readonly #log: Log;
  readonly #told = new Set<string>();
  #seen: readonly ToolHandle[] | undefined;
  #sorted: readonly ListedTool[] = [];

  constructor(reader: PointReader<ToolHandle>, settings: Settings | undefined, log: Log) {
    this.#reader = reader;
    this.#settings = settings;
    this.#log = log;
  }

  /** What a session's model may call: everything but what the session, an ancestor or a rule excludes as a whole. */
  of(session: Session): ReadonlyMap<string, ListedTool> {
    const denied = wholeTools([...session.options.deny, ...this.#deniedBySettings()]);
    const limits = lineage(session).flatMap(({ tools }) => (tools === undefined ? [] : [tools.map(toolOfRule)]));
    const visible = this.#all().filter(
      (tool) =>
        !denied.some((rule) => covers(rule, tool)) && limits.every((limit) => limit.some((one) => covers(one, tool))),
    );
    return new Map(visible.map((tool) => [tool.name, tool]));
  }

  #all(): readonly ListedTool[] {
    const present = this.#reader.all();
    if (present === this.#seen) return this.#sorted;
    this.#seen = present;
    const byName = new Map<string, ListedTool>();
    // The host's own tools come first: nobody stands in for one of them by its name.
    const builtinsFirst = present.toSorted((left, right) => rank(left) - rank(right));
    for (const handle of builtinsFirst) this.#add(handle, byName);
    this.#sorted = [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
    return this.#sorted;
  }

  #add(handle: ToolHandle, byName: Map<string, ListedTool>): void {
    const {
      name,
      description = "",
      inputSchema,
      readOnly,
      concurrencySafe,
      pathFields = [],
      aliases = [],
    } = handle.descriptor;
    const taken = byName.get(name);
    if (taken !== undefined) {
      this.#tell(
        `\`${handle.plugin.id}\` has a tool \`${name}\`, which \`${taken.handle.plugin.id}\` has already; it is left out`,
      );
    } else if (!NAME.test(name)) {
      this.#tell(`\`${handle.plugin.id}\` has a tool \`${name}\`, whose name no model takes; it is left out`);
    } else {
      byName.set(name, {
        handle,
        name,
        description,
        inputSchema: { ...inputSchema, type: "object" },
        // Both are missing where only a manifest speaks; unknown counts as writing.
        readOnly: readOnly === true,
        parallel: readOnly === true && concurrencySafe === true,
        pathFields,
        aliases: handle.plugin.tier === "builtin" ? aliases : [],
      });
    }
  }

  #tell(message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#log.warn(message);
  }

  #deniedBySettings(): readonly string[] {
    return (this.#settings?.layers("permissions") ?? []).flatMap(({ value }) => {
      const rules = typeof value === "object" && value !== null && "deny" in value ? value.deny : undefined;
      return Array.isArray(rules) ? rules.filter((rule: unknown) => typeof rule === "string") : [];
    });
  }
}

/** The tool that a model means: an older name counts where no tool has it as its own. */
export function toolNamed(tools: ReadonlyMap<string, ListedTool>, name: string): ListedTool | undefined {
  return tools.get(name) ?? tools.values().find(({ aliases }) => aliases.includes(name));
}

function rank({ plugin }: ToolHandle): number {
  return plugin.tier === "builtin" ? 0 : 1;
}

function lineage(session: Session): readonly Session[] {
  return session.parent === undefined ? [session] : [session, ...lineage(session.parent)];
}

/** Rules about whole tools; one with a specifier, `Bash(rm *)`, is decided call by call. */
function wholeTools(rules: readonly string[]): readonly string[] {
  return rules.filter((rule) => !rule.includes("(")).map((rule) => rule.trim());
}

function toolOfRule(rule: string): string {
  return rule.split("(", 1)[0]?.trim() ?? rule;
}

/** A name or an older one, `prefix*`, or all tools of a server, `mcp__server`. */
function covers(rule: string, { name, aliases }: ListedTool): boolean {
  if (rule.endsWith("*")) return name.startsWith(rule.slice(0, -1));
  if (rule === name || aliases.includes(rule)) return true;
  return /^mcp__[^_]+(?:_[^_]+)*$/u.test(rule) && name.startsWith(`${rule}__`);
}
