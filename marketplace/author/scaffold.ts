import { checkWorkflow } from "./workflow.ts";
import { licenceText } from "./licence-text.ts";
import { PARTS, type PartName } from "./parts/index.ts";
import type { ScaffoldPart } from "./scaffold-part.ts";

/** What a new plugin is to be. */
export interface ScaffoldRequest {
  /** Checked by `checkNewName`. */
  readonly name: string;
  readonly parts: readonly PartName[];
  /** Puts the plugin into a marketplace of the same name. */
  readonly marketplace: boolean;
  readonly author: { readonly name: string; readonly email?: string | undefined };
  readonly year: number;
  /** Version of Plugsmith that the checks of a code host run. */
  readonly plugsmith: string;
}

/** The files of a new plugin or marketplace: POSIX path → content. The same request gives the same files. */
export function scaffold(request: ScaffoldRequest): ReadonlyMap<string, string> {
  const { name, author, year, marketplace, plugsmith } = request;
  const licence = licenceText(author.name, year);
  const plugin = pluginFiles(request, marketplace ? `${name}@${name}` : undefined);
  const checks = [".github/workflows/plugin.yml", checkWorkflow({ marketplace, plugsmith })] as const;
  const ignored = [".gitignore", "node_modules/\n*.tgz\n"] as const;
  if (!marketplace) return new Map([...plugin, ["LICENSE", licence], ignored, checks]);
  const inside = [...plugin].map(([path, content]) => [`plugins/${name}/${path}`, content] as const);
  return new Map([
    [".claude-plugin/marketplace.json", json(catalog(request))],
    ...inside,
    [`plugins/${name}/LICENSE`, licence],
    ["README.md", marketReadme(request)],
    ["LICENSE", licence],
    ignored,
    checks,
  ]);
}

function pluginFiles(request: ScaffoldRequest, id: string | undefined): ReadonlyMap<string, string> {
  const { name, parts, author } = request;
  const chosen: readonly ScaffoldPart[] = parts.map((part) => PARTS[part]);
  const manifest = {
    name,
    version: "0.1.0",
    description: describe(request),
    author,
    license: "MIT",
    ...Object.assign({}, ...chosen.map((part) => part.manifest ?? {})),
  };
  return new Map([
    [".claude-plugin/plugin.json", json(manifest)],
    ...chosen.flatMap((part) => Object.entries(part.files)),
    [`tests/${name}.yaml`, testFile(chosen)],
    ["README.md", pluginReadme(request, chosen, id)],
  ]);
}

function describe({ name, parts }: ScaffoldRequest): string {
  const what = parts.map((part) => WORDS[part]);
  const list = what.length < 2 ? what.join("") : `${what.slice(0, -1).join(", ")} and ${what.at(-1) ?? ""}`;
  return `${name}: a new plugin with ${list}`;
}

const WORDS: Readonly<Record<PartName, string>> = {
  skills: "a skill",
  commands: "a command",
  agents: "an agent",
  hooks: "a hook",
  mcp: "an MCP server",
  lsp: "a language server",
  tools: "a tool",
};

function testFile(parts: readonly ScaffoldPart[]): string {
  const cases = parts.flatMap((part) => part.cases);
  const lines = (cases.length === 0 ? [LOADS] : cases).flatMap((item) => item.split("\n"));
  return `# Cases of this plugin; the format is in the author guide of Plugsmith, under "Tests".\ncases:\n${lines
    .map((line) => `  ${line}\n`)
    .join("")}`;
}

/** For a plugin that has nothing else to try. */
const LOADS = `- name: the plugin loads
  expect:
    loads: true`;

function pluginReadme(
  { name, author }: ScaffoldRequest,
  parts: readonly ScaffoldPart[],
  id: string | undefined,
): string {
  return `# ${name}

This plugin has

${parts.map((part) => `- ${part.readme}\n`).join("")}
## Install

\`\`\`sh
plugin add ${id ?? `./${name}`}
\`\`\`

## Work on it

\`\`\`sh
plugin validate . --strict   # what is wrong, and advice
plugin dev .                 # the same whenever you save
plugin test .                # what it must do
plugin pack --dry-run        # what an archive would hold
plugin release --dry-run     # its next version, once it is committed
\`\`\`

The cases in \`tests/\` say what it must do.

## Licence

MIT, see [LICENSE](LICENSE). Written by ${author.name}.
`;
}

function marketReadme({ name }: ScaffoldRequest): string {
  return `# ${name}

A marketplace of plugins for coding agents.

\`\`\`sh
plugin marketplace add .
plugin add ${name}@${name}
\`\`\`

| plugin                    | folder            |
| ------------------------- | ----------------- |
| [${name}](plugins/${name}) | \`plugins/${name}\` |

Each plugin has a folder in \`plugins/\` and an entry in \`.claude-plugin/marketplace.json\`.
`;
}

function catalog(request: ScaffoldRequest): Readonly<Record<string, unknown>> {
  const { name, author } = request;
  return {
    name,
    description: `Plugins of ${author.name}`,
    owner: author,
    plugins: [{ name, source: `./plugins/${name}`, description: describe(request) }],
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
