import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { agentPluginJsonSchema } from "../agent-plugins.ts";
import { pluginJsonSchema } from "../claude-plugin.ts";
import {
  agentFrontmatterSchema,
  commandFrontmatterSchema,
  outputStyleFrontmatterSchema,
  skillFrontmatterSchema,
} from "../frontmatter-schemas.ts";
import { hooksJsonSchema } from "../hooks.ts";
import { lspJsonSchema } from "../lsp.ts";
import { marketplaceJsonSchema } from "../marketplace-schema.ts";
import { mcpJsonSchema } from "../mcp.ts";
import { monitorsJsonSchema } from "../monitors.ts";
import { generationSchema, intentSchema, lockfileSchema } from "../own-files.ts";
import { pluginTestsSchema } from "../plugin-tests.ts";
import { policySchema, settingsSchema } from "../settings.ts";

/** File name without `.schema.json` → schema. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  plugin: pluginJsonSchema,
  "agent-plugin": agentPluginJsonSchema,
  marketplace: marketplaceJsonSchema,
  skill: skillFrontmatterSchema,
  command: commandFrontmatterSchema,
  agent: agentFrontmatterSchema,
  "output-style": outputStyleFrontmatterSchema,
  hooks: hooksJsonSchema,
  mcp: mcpJsonSchema,
  lsp: lspJsonSchema,
  monitors: monitorsJsonSchema,
  settings: settingsSchema,
  policy: policySchema,
  "plugins-json": intentSchema,
  "plugins-lock": lockfileSchema,
  generation: generationSchema,
  "plugin-tests": pluginTestsSchema,
};

/** Text of every JSON Schema by file name. */
function generate(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
      return [`${name}.schema.json`, `${JSON.stringify(json, null, 2)}\n`];
    }),
  );
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const files = generate();
// Its shapes belong to the command line, so `.ci/output-schema.ts` makes it.
const OUTPUT = "output.schema.json";
const present = readdirSync(folder).filter((name) => name.endsWith(".schema.json") && name !== OUTPUT);
if (process.argv.includes("--check")) {
  const stale = [...files].filter(
    ([name, text]) => !present.includes(name) || readFileSync(`${folder}${name}`, "utf8") !== text,
  );
  const names = [...stale.map(([name]) => name), ...present.filter((name) => !files.has(name))];
  if (names.length > 0) {
    console.error(`stale: ${names.join(", ")}; run \`npm run generate\``);
    process.exitCode = 1;
  } else console.log(`${files.size} JSON Schemas are fresh`);
} else {
  mkdirSync(folder, { recursive: true });
  for (const name of present) if (!files.has(name)) rmSync(`${folder}${name}`);
  for (const [name, text] of files) writeFileSync(`${folder}${name}`, text);
  console.log(`${files.size} JSON Schemas written`);
}
