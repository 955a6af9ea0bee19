import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, relative, resolve } from "node:path";
import { requireEmpty, writeNew } from "../../marketplace/author/new-plugin.ts";
import { PARTS, type PartName } from "../../marketplace/author/parts/index.ts";
import { checkNewName } from "../../marketplace/author/plugin-name.ts";
import { scaffold } from "../../marketplace/author/scaffold.ts";
import { authorHere, WorkTree } from "../../marketplace/author/work-tree.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { bold, green } from "../print/style.ts";
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
  checkNewName(
    name,
    marketplace ? "marketplace" : "plugin",
    (corrected) => `plugin new ${corrected}${marketplace ? " --marketplace" : ""}`,
  );
  const parts = partsOf(args);
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
      "",
      ...nextSteps(name, relative(context.cwd, directory), marketplace),
    ],
  };
}

function partsOf(args: ParsedArguments): readonly PartName[] {
  const words = (args.values.get("with") ?? ["skills"]).flatMap((value) => value.split(",")).map((word) => word.trim());
  const unknown = words.find((word) => !NAMES.some((name) => name === word));
  if (unknown !== undefined) {
    throw new CodedError("E_USAGE", `\`--with\` knows no \`${unknown}\``, {
      hint: `the parts are ${NAMES.map((name) => `\`${name}\``).join(", ")}`,
      data: { unknown, candidates: NAMES },
    });
  }
  return NAMES.filter((name) => words.includes(name));
}

/** The nearest directory that exists: git can be asked there. */
function existing(directory: string): string {
  return existsSync(directory) || dirname(directory) === directory ? directory : existing(dirname(directory));
}

function nextSteps(name: string, directory: string, marketplace: boolean): readonly string[] {
  const add = marketplace ? `plugin marketplace add . && plugin add ${name}@${name}` : "plugin add .";
  return [
    `${bold("next:")}`,
    ...(directory === "" ? [] : [`  cd ${directory}`]),
    `  plugin validate . --strict`,
    `  ${add}`,
  ];
}
