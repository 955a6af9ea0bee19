import {
  definePlugin,
  permissionsService,
  settingsService,
  toolPoint,
  workspaceService,
  type Plugin,
} from "plugsmith/plugin-api";
import { editTool } from "./edit-tool.ts";
import { Folders } from "./folders.ts";
import { globTool } from "./glob-tool.ts";
import { grepTool } from "./grep-tool.ts";
import { readTool } from "./read-tool.ts";
import { SeenFiles } from "./seen-files.ts";
import { writeTool } from "./write-tool.ts";

/** Read, Write, Edit, Glob and Grep under their public names and fields (formats.md §6.5). */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const [workspace, settings] = await Promise.all([context.find(workspaceService), context.find(settingsService)]);
    const folders = new Folders(workspace, settings);
    const seen = new SeenFiles();
    const rules = () => context.find(permissionsService);
    const tools = [
      readTool(folders, seen),
      writeTool(folders, seen),
      editTool(folders, seen),
      globTool(rules),
      grepTool(rules),
    ];
    for (const tool of tools) context.contribute(toolPoint, tool.descriptor.name, tool);
  },
});

export default plugin;
