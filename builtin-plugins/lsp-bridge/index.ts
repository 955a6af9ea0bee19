import {
  contextTexts,
  definePlugin,
  inheritedEnvironment,
  filesTouched,
  lspServerPoint,
  pluginOptions,
  processService,
  toolPoint,
  workspaceService,
  type Plugin,
  type PluginContext,
} from "plugsmith/plugin-api";
import { EditWatch } from "./edit-watch.ts";
import { lspTool } from "./lsp-tool.ts";
import { ServerPool } from "./server-pool.ts";

const DESCRIPTION =
  "Asks the language server of a file: where a symbol is defined or used, what it is, which symbols a file or the project has. Lines and characters count from 1.";

const INPUT_SCHEMA = {
  type: "object",
  properties: {
    operation: {
      type: "string",
      enum: [
        "goToDefinition",
        "findReferences",
        "hover",
        "documentSymbol",
        "workspaceSymbol",
        "goToImplementation",
        "diagnostics",
      ],
    },
    filePath: { type: "string", description: "a file of the language, absolute or relative" },
    line: { type: "integer", minimum: 1 },
    character: { type: "integer", minimum: 1 },
    query: { type: "string", description: "for workspaceSymbol" },
  },
  required: ["operation", "filePath"],
  additionalProperties: false,
};

const plugin: Plugin = definePlugin({
  activate(context) {
    let opened: Promise<ServerPool> | undefined;
    const pool = (): Promise<ServerPool> => (opened ??= openPool(context));
    let watch: Promise<EditWatch> | undefined;
    const edits = (): Promise<EditWatch> => (watch ??= pool().then((servers) => new EditWatch(servers, context.log)));
    context.contribute(toolPoint, "LSP", lspTool({ description: DESCRIPTION, inputSchema: INPUT_SCHEMA }, pool));
    context.listen(filesTouched, async ({ session, files, change }, { signal }) => {
      if (change === "write") await (await edits()).edited(session, files, signal);
    });
    context.listen(contextTexts, async (collected) => {
      const lines = watch === undefined ? [] : (await watch).take(collected.session);
      if (lines.length === 0) return collected;
      return { ...collected, texts: [...collected.texts, `Diagnostics after your edits:\n${lines.join("\n")}`] };
    });
    context.onDispose(async () => (await opened)?.close());
  },
});

export default plugin;

async function openPool(context: PluginContext): Promise<ServerPool> {
  const pool = new ServerPool({
    processes: await context.use(processService),
    workspace: await context.use(workspaceService),
    log: context.log,
    environmentOf: (plugin) => inheritedEnvironment(context, plugin),
    optionsOf: (id, texts) => pluginOptions(context, id, texts),
  });
  const reader = await context.read(lspServerPoint);
  const configure = async (): Promise<void> => {
    const configs = reader.all().map(({ plugin, name, value }) => ({ plugin, name, contribution: value }));
    for (const remark of await pool.configure(configs)) context.log.warn(remark);
  };
  reader.onChange(() => void configure());
  await configure();
  return pool;
}
