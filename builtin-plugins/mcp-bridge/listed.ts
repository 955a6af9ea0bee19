import { isObject } from "plugsmith/plugin-api";
import { suspicions } from "./suspicion.ts";

/** A tool as a server lists it. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** Its own word that it changes nothing. */
  readonly readOnlyHint: boolean;
}

/** A prompt as a server lists it. */
export interface ListedPrompt {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly arguments: readonly {
    readonly name: string;
    readonly description?: string;
    readonly required: boolean;
  }[];
}

/** A resource, or a template of such. */
export interface ListedResource {
  readonly uri: string;
  /** Its `uri` holds `{…}` then. */
  readonly isTemplate?: true;
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly mediaType?: string | undefined;
}

/** Everything that a server offers. */
export interface ServerLists {
  /** What the server says about its use. */
  readonly instructions: string;
  readonly tools: readonly ListedTool[];
  readonly prompts: readonly ListedPrompt[];
  readonly resources: readonly ListedResource[];
  /** Whether it proposes values of arguments. */
  readonly completes: boolean;
  /** Whether it tells of changes of single resources. */
  readonly subscribes: boolean;
}

/** The longest text of a server that a model sees in a list. */
const MAX_TEXT = 2_048;
/** Tools, prompts and resources of one server. */
const MAX_ITEMS = 1_000;

/** Zero-width, bidirectional, tag and control characters: a person does not see what a model reads in them (attacks.md PR09). */
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** A text of a server as a model may see it: nothing hidden in it, not too long. */
export function shownText(text: unknown, max: number = MAX_TEXT): string {
  if (typeof text !== "string") return "";
  const visible = text.slice(0, max * 4).replaceAll(HIDDEN, "");
  return visible.length <= max ? visible : `${visible.slice(0, max - 1).toWellFormed()}…`;
}

/** Reads the lists as a server sent them, or as they lie in the cache; what is malformed is left out; `tell` hears of that, and of what looks suspicious. */
export function readLists(
  written: { readonly [Key in keyof ServerLists]?: unknown },
  tell: (message: string) => void,
): ServerLists {
  const list = <Item>(
    key: string,
    value: unknown,
    read: (item: Readonly<Record<string, unknown>>) => Item | undefined,
  ) => {
    const items = Array.isArray(value) ? value : [];
    if (items.length > MAX_ITEMS) tell(`only ${String(MAX_ITEMS)} of its ${String(items.length)} ${key} are used`);
    return items.slice(0, MAX_ITEMS).flatMap((item: unknown) => {
      const result = isObject(item) ? read(item) : undefined;
      if (result === undefined) tell(`one of its ${key} is malformed and left out`);
      return result ?? [];
    });
  };
  const toolOf = (item: Readonly<Record<string, unknown>>): ListedTool | undefined => {
    const tool = readTool(item);
    if (tool === undefined) return undefined;
    const name = shownText(tool.name, 200);
    for (const suspicion of suspicions(item["description"]))
      tell(`the description of its tool \`${name}\` ${suspicion}`);
    return tool;
  };
  return {
    instructions: shownText(written.instructions),
    tools: list("tools", written.tools, toolOf),
    prompts: list("prompts", written.prompts, readPrompt),
    resources: list("resources", written.resources, readResource),
    completes: written.completes === true,
    subscribes: written.subscribes === true,
  };
}

function readTool(item: Readonly<Record<string, unknown>>): ListedTool | undefined {
  const { name, description, inputSchema, outputSchema, annotations } = item;
  if (typeof name !== "string" || name === "" || !isObject(inputSchema)) return undefined;
  const hint = item["readOnlyHint"] === true || (isObject(annotations) && annotations["readOnlyHint"] === true);
  return {
    name,
    description: shownText(description),
    inputSchema,
    ...(isObject(outputSchema) && { outputSchema }),
    readOnlyHint: hint,
  };
}

function readPrompt(item: Readonly<Record<string, unknown>>): ListedPrompt | undefined {
  const { name, description } = item;
  if (typeof name !== "string" || name === "") return undefined;
  const written: readonly unknown[] = Array.isArray(item["arguments"]) ? item["arguments"] : [];
  const args = written.flatMap((argument) =>
    isObject(argument) && typeof argument["name"] === "string"
      ? [
          {
            name: argument["name"],
            ...shownField("description", argument["description"], 500),
            required: argument["required"] === true,
          },
        ]
      : [],
  );
  return { name, ...shownField("title", item["title"]), description: shownText(description), arguments: args };
}

function readResource(item: Readonly<Record<string, unknown>>): ListedResource | undefined {
  const uri = item["uri"] ?? item["uriTemplate"];
  if (typeof uri !== "string" || uri === "") return undefined;
  const mediaType = item["mimeType"] ?? item["mediaType"];
  return {
    uri,
    ...((item["isTemplate"] === true || item["uri"] === undefined) && { isTemplate: true }),
    name: shownText(item["name"], 200),
    ...shownField("title", item["title"]),
    description: shownText(item["description"], 500),
    ...(typeof mediaType === "string" && { mediaType }),
  };
}

/** Absent where the server said nothing. */
function shownField<Key extends string>(
  key: Key,
  text: unknown,
  max: number = 200,
): { readonly [Name in Key]?: string } {
  const shown = shownText(text, max);
  return shown === "" ? {} : ({ [key]: shown } as { readonly [Name in Key]?: string });
}
