import { performChange } from "../change.ts";
import { forgetPlugins } from "../forget-plugins.ts";
import { installedIds } from "../installed-ids.ts";
import { namedInstalled } from "../named-installed.ts";
import type { Verb } from "../verb.ts";

/** `plugin remove`. */
export const verb: Verb = {
  name: "remove",
  summary: "uninstall plugins and what only they needed",
  positionals: [{ name: "plugin", completes: "installed", required: true, variadic: true }],
  flags: [
    { name: "keep-data", summary: "keep what the plugins have stored under data/, their options and their secrets" },
  ],
  about: [
    "Dependencies that nothing else needs go with it, and with the last place that has a plugin its data, options and secrets. `plugin rollback` brings the plugins back, and what `--keep-data` kept.",
  ],
  examples: ["plugin remove deploy@example", "plugin remove deploy --keep-data --dry-run"],
  run: async (context, args) => {
    const { target, ids } = await namedInstalled(context, args.positionals);
    const keepData = args.switches.has("keep-data");
    const { services } = await context.engine();
    const before = installedIds(services.home);
    const result = await performChange(context, target, { verb: "remove", ids, keepData });
    if (!keepData && !context.options.dryRun) await forgetPlugins(context, before);
    return result;
  },
};
