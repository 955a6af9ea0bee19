import { commandPoint, definePlugin, promptExpansion, type Plugin } from "plugsmith/plugin-api";
import { Catalog } from "./catalog.ts";
import { expandTyped } from "./expansion.ts";

/** Slash commands of plugins and folders (formats.md §5.1). */
const plugin: Plugin = definePlugin({
  async activate(context) {
    const reader = await context.read(commandPoint);
    let catalog: Catalog | undefined;
    const watching = reader.onChange(() => {
      catalog = undefined;
    });
    context.onDispose(() => watching.dispose());
    let count = 0;
    context.listen(promptExpansion, ({ session, text }, { signal }) => {
      if (!text.startsWith("/")) return undefined;
      catalog ??= new Catalog(reader.all());
      count += 1;
      return expandTyped(context, catalog, { session, text, callId: `typed-command-${String(count)}`, signal });
    });
  },
});
export default plugin;
