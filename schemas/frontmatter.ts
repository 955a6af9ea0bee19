import type { Diagnostic } from "./diagnostic.ts";
import { readFlatBlock } from "./frontmatter-flat.ts";
import { quoteRiskyValues } from "./frontmatter-repair.ts";
import { salvageBlock } from "./frontmatter-salvage.ts";
import { FRONT_MATTER_LIMITS, splitFrontMatter } from "./frontmatter-split.ts";
import { parseYamlBlock } from "./frontmatter-yaml.ts";
import type { YamlOutcome } from "./frontmatter-yaml.ts";

/** A markdown document with its front matter read. */
export interface FrontMatter {
  /** Whether there is a front matter block at all. */
  readonly present: boolean;
  /** Fields as written, core schema types, without prototype keys. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Source text of top-level values that are not text, so that `1.10` can stay `1.10` and `[file]` a hint. */
  readonly sources: Readonly<Record<string, string>>;
  /** The lenient pass made these fields; no permission is among them. */
  readonly salvaged: boolean;
  readonly body: string;
  /** The 1-based line of the file at which `body` starts. */
  readonly bodyLine: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Set when the block must not be interpreted and the component is to be dropped; also the last diagnostic. */
  readonly refusal?: Diagnostic | undefined;
  /** Where a top-level key stands in the file; the opening fence when it does not. */
  locate(key: string): { readonly line: number; readonly column: number };
}

/** What the caller knows about the fields; both sets serve the lenient pass only. */
export interface ReadFrontMatterOptions {
  /** Path for messages. */
  readonly file: string;
  /** Keys that begin a field when the block is not YAML. */
  readonly known?: ReadonlySet<string> | undefined;
  /** Keys that grant or restrict something and are never taken from a broken block. */
  readonly permissions?: ReadonlySet<string> | undefined;
}

/** Keys that grant something in any kind of document (DESIGN §3). */
export const PERMISSION_KEYS: ReadonlySet<string> = new Set([
  "allowed-tools",
  "allowedTools",
  "disallowed-tools",
  "disallowedTools",
  "tools",
  "hooks",
  "model",
  "permissionMode",
  "permission-mode",
  "mcpServers",
  "mcp-servers",
  "skills",
  "isolation",
  "memory",
  "background",
  "context",
  "agent",
  "shell",
]);

const NONE: ReadonlySet<string> = new Set();

/** Reads the front matter of a document: never throws, never executes, linear in the size of the document. */
export function readFrontMatter(text: string, options: ReadFrontMatterOptions): FrontMatter {
  const { file } = options;
  const split = splitFrontMatter(text);
  const { body, bodyLine } = split;
  if (!split.present) {
    const unclosed: Diagnostic = {
      code: "W_FRONTMATTER_UNCLOSED",
      severity: "warning",
      message: "the front matter has no closing `---` line, so it was read as text",
      file,
      line: 1,
      column: 1,
      hint: "put `---` on a line of its own after the last field",
    };
    return { ...EMPTY, body, bodyLine, diagnostics: split.unclosed ? [unclosed] : [] };
  }
  const { block, language, looselyClosed } = split;
  const loosely: Diagnostic = {
    code: "W_FRONTMATTER_UNCLOSED",
    severity: "warning",
    message: "the `---` that closes the front matter does not stand alone at the start of a line",
    file,
    line: bodyLine - 1,
    column: 1,
    hint: "put `---` on a line of its own after the last field",
  };
  const locate = (key: string): { readonly line: number; readonly column: number } => locateKey(block, key);
  const make = (part: Partial<FrontMatter>): FrontMatter => ({
    ...EMPTY,
    present: true,
    body,
    bodyLine,
    locate,
    ...part,
    diagnostics: [...(looselyClosed ? [loosely] : []), ...(part.diagnostics ?? [])],
  });
  const refuse = (
    code: Diagnostic["code"],
    message: string,
    line: number,
    column: number,
    hint: string,
  ): FrontMatter => {
    const refusal: Diagnostic = { code, severity: "error", message, file, line, column, hint };
    return make({ diagnostics: [refusal], refusal });
  };
  if (language !== "" && language !== "yaml" && language !== "yml") {
    return refuse(
      "E_FRONTMATTER",
      `unsupported front matter language \`${language}\``,
      1,
      4,
      "write the front matter in YAML after a plain `---` line",
    );
  }
  const bytes = block.length > FRONT_MATTER_LIMITS.maxBytes / 3 ? new TextEncoder().encode(block).length : block.length;
  if (bytes > FRONT_MATTER_LIMITS.maxBytes) {
    return refuse(
      "E_LIMIT_FRONTMATTER",
      `the front matter has ${bytes} bytes, more than the ${FRONT_MATTER_LIMITS.maxBytes} that are read`,
      2,
      1,
      "move text into the body",
    );
  }
  const flat = readFlatBlock(block);
  if (flat !== undefined) return make(flat);
  const parsed = parseYamlBlock(block);
  switch (parsed.kind) {
    case "ok":
      return make(accept(parsed, options, locate));
    case "refused":
      return refuse(
        parsed.code,
        parsed.message,
        parsed.line + 1,
        parsed.column,
        "use plain YAML: text, numbers, lists and short mappings",
      );
    case "broken":
      return make(recover(block, parsed, options));
  }
}

/** What is valid YAML: dangerous keys were dropped, repeated ones count once, and never as a permission. */
function accept(
  parsed: Extract<YamlOutcome, { kind: "ok" }>,
  options: ReadFrontMatterOptions,
  locate: FrontMatter["locate"],
): Pick<FrontMatter, "fields" | "sources" | "diagnostics"> {
  const { dropped, repeated } = parsed;
  if (dropped.length === 0 && repeated.length === 0)
    return { fields: parsed.fields, sources: parsed.sources, diagnostics: [] };
  const permissions = options.permissions ?? PERMISSION_KEYS;
  const withheld = new Set(repeated.filter((key) => permissions.has(key)));
  const warn = (code: "W_FRONTMATTER_KEY" | "W_FRONTMATTER_REPEATED", key: string, message: string): Diagnostic => ({
    code,
    severity: "warning",
    message,
    file: options.file,
    ...locate(key),
    hint: code === "W_FRONTMATTER_KEY" ? "rename the key" : "keep one of them",
  });
  const effect = (key: string): string => (withheld.has(key) ? "it was ignored" : "the last one counts");
  return {
    fields: withhold(parsed.fields, withheld).fields,
    sources: parsed.sources,
    diagnostics: [
      ...dropped.map((key) => warn("W_FRONTMATTER_KEY", key, `key \`${key}\` is not allowed; it was dropped`)),
      ...repeated.map((key) =>
        warn("W_FRONTMATTER_REPEATED", key, `key \`${key}\` stands more than once; ${effect(key)}`),
      ),
    ],
  };
}

/** The lenient passes: quotes where they are missing, then line by line. Neither yields a permission. */
function recover(
  block: string,
  broken: Extract<YamlOutcome, { kind: "broken" }>,
  options: ReadFrontMatterOptions,
): Pick<FrontMatter, "fields" | "sources" | "salvaged" | "diagnostics"> {
  const permissions = options.permissions ?? PERMISSION_KEYS;
  const quoted = quoteRiskyValues(block);
  const again = quoted === undefined ? undefined : parseYamlBlock(quoted);
  const repaired = again?.kind === "ok";
  const { fields, withheld } = repaired
    ? withhold(again.fields, permissions)
    : salvageBlock(block, options.known ?? NONE, permissions);
  const lost =
    withheld.length === 0
      ? ""
      : `; ignored, because permissions need valid YAML: ${withheld.map((key) => `\`${key}\``).join(", ")}`;
  const how = repaired ? "it was read with quotes put around its values" : "its fields were recovered line by line";
  const diagnostic: Diagnostic = {
    code: repaired ? "W_FRONTMATTER_QUOTED" : "W_FRONTMATTER_SALVAGED",
    severity: "warning",
    message: `the front matter is not valid YAML (${broken.message}); ${how}${lost}`,
    file: options.file,
    line: broken.line + 1,
    column: broken.column,
    hint: "quote values that hold `: ` or ` #`, and indent the lines that continue a value",
  };
  return { fields, sources: repaired ? again.sources : {}, salvaged: true, diagnostics: [diagnostic] };
}

function withhold(
  fields: Readonly<Record<string, unknown>>,
  permissions: ReadonlySet<string>,
): { readonly fields: Record<string, unknown>; readonly withheld: readonly string[] } {
  const entries = Object.entries(fields);
  return {
    fields: Object.fromEntries(entries.filter(([key]) => !permissions.has(key))),
    withheld: entries.flatMap(([key]) => (permissions.has(key) ? [key] : [])),
  };
}

const EMPTY: FrontMatter = {
  present: false,
  fields: {},
  sources: {},
  salvaged: false,
  body: "",
  bodyLine: 1,
  diagnostics: [],
  locate: () => ({ line: 1, column: 1 }),
};

function locateKey(block: string, key: string): { readonly line: number; readonly column: number } {
  let line = 2;
  for (let at = 0; at <= block.length; line++) {
    const end = block.indexOf("\n", at);
    if (block.startsWith(key, at) && /^["']?[ \t]*:/.test(block.slice(at + key.length, at + key.length + 8)))
      return { line, column: 1 };
    if (end === -1) break;
    at = end + 1;
  }
  return { line: 1, column: 1 };
}
