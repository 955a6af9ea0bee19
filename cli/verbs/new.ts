import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, relative, resolve } from "node:path";
import { requireEmpty, writeNew } from "../../marketplace/author/new-plugin.ts";
import { PARTS, type PartName } from "../../marketplace/author/parts/index.ts";
import { checkNewName } from "../../marketplace/author/plugin-name.ts";
import { scaffold } from "../../marketplace/author/scaffold.ts";
import { authorHere, WorkTree } from "../../marketplace/author/work-tree.ts";
import { CodedError } from "../../schemas/errors.ts";
import { shellWord } from "../../schemas/shell-word.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { bold, columns, dim, green } from "../print/style.ts";
import type { Verb, VerbResult } from "../verb.ts";
import { VERSION } from "../version.ts";

// Keys of a literal object.
const NAMES = Object.keys(PARTS) as readonly PartName[];

/** `plugin new`. */
export const verb: Verb = {
  name: "new",
  summary: "start a plugin, or a marketplace with one",
  positionals: [{ name: "name", required: true }],
  flags: [
    { name: "with", value: "parts", repeatable: true, summary: `what it has, by commas (default \`skills\`)` },
    { name: "marketplace", summary: "put it into a marketplace of the same name" },
    { name: "dir", value: "dir", summary: "write it here instead of a folder of its name" },
  ],
  about: [
    `Parts are ${NAMES.map((name) => `\`${name}\``).join(", ")}. The plugin validates, and has a licence, a readme, test cases and a check for GitHub.`,
    "Nothing that exists is touched: the folder must be new, or hold nothing but `.git`.",
  ],
  examples: [
    "plugin new my-plugin",
    "plugin new my-plugin --with skills,hooks,mcp",
    "plugin new my-tools --marketplace",
  ],
  run: async (context, args) => create(context, args),
};

function create(context: VerbContext, args: ParsedArguments): VerbResult {
  const name = args.positionals[0] ?? "";
  const marketplace = args.switches.has("marketplace");
  const parts = partsOf(args);
  checkNewName(name, marketplace ? "marketplace" : "plugin", (corrected) => {
    const kept = args.values.has("with") ? ` --with ${parts.join(",")}` : "";
    return `plugin new ${corrected}${kept}${marketplace ? " --marketplace" : ""}`;
  });
  const shown = valueOf(args, "dir") ?? name;
  const directory = resolve(context.cwd, shown);
  requireEmpty(directory, shown);
  const files = scaffold({
    name,
    parts,
    marketplace,
    author: authorHere(new WorkTree(existing(directory), context.environment), userInfo().username),
    year: new Date().getFullYear(),
    plugsmith: VERSION,
  });
  const { dryRun } = context.options;
  if (!dryRun) writeNew(directory, files);
  return {
    exit: EXIT.ok,
    data: { outcome: dryRun ? "dry-run" : "created", name, marketplace, directory, parts, files: [...files.keys()] },
    text: () => [
      `${dryRun ? "would create" : green("created")} ${marketplace ? "marketplace" : "plugin"} ${bold(name)} in ${shown}`,
      ...[...files.keys()].map((path) => `  ${path}`),
      ...(dryRun ? [] : ["", ...nextSteps({ name, parts, marketplace, folder: relative(context.cwd, directory) })]),
    ],
  };
}

function partsOf(args: ParsedArguments): readonly PartName[] {
  const words = (args.values.get("with") ?? ["skills"])
    .flatMap((value) => value.split(","))
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const unknown = words.find((word) => !NAMES.some((name) => name === word));
  if (unknown !== undefined) {
    throw new CodedError("E_USAGE", `\`--with\` knows no \`${unknown}\``, {
      hint: `the parts are ${NAMES.map((name) => `\`${name}\``).join(", ")}`,
      data: { unknown, candidates: NAMES },
    });
  }
  if (words.length === 0) {
    throw new CodedError("E_USAGE", "`--with` names no part", {
      hint: `the parts are ${NAMES.map((name) => `\`${name}\``).join(", ")}`,
    });
  }
  return NAMES.filter((name) => words.includes(name));
}

/** The nearest directory that exists: git can be asked there. */
function existing(directory: string): string {
  return existsSync(directory) || dirname(directory) === directory ? directory : existing(dirname(directory));
}

interface NextSteps {
  readonly name: string;
  readonly parts: readonly PartName[];
  readonly marketplace: boolean;
  /** From the working directory; `""` for that itself. */
  readonly folder: string;
}

/** Commands that can be typed as they stand, in this order. */
function nextSteps({ name, parts, marketplace, folder }: NextSteps): readonly string[] {
  const runs = parts.some((part) => EXECUTED.has(part));
  const steps: readonly (readonly [string, string])[] = [
    ...(folder === "" ? [] : [[`cd ${shellWord(folder)}`, ""] as const]),
    [`plugin ${marketplace ? "marketplace " : ""}validate . --strict`, "what is wrong, and advice"],
    ...(runs ? [["plugin trust .", "its programs are yours: let the tests run them"] as const] : []),
    ["plugin test .", tested(parts)],
    [`plugin dev ${marketplace ? `plugins/${name}` : "."}`, "while you write it"],
    [marketplace ? `plugin marketplace add . && plugin add ${name}@${name}` : "plugin add .", "use it yourself"],
  ];
  return [
    bold("next:"),
    ...columns(
      steps.map(([command, why]) => [command, why === "" ? "" : dim(`# ${why}`)]),
      "  ",
    ).map((line) => line.trimEnd()),
  ];
}

const EXECUTED: ReadonlySet<PartName> = new Set<PartName>(["hooks", "mcp", "lsp", "tools"]);

function tested(parts: readonly PartName[]): string {
  return parts.includes("skills")
    ? "its skill fires, in a session on a scripted model"
    : "its cases, on a scripted model";
}
