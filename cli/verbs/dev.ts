import { resolve } from "node:path";
import { develop } from "../author/dev.ts";
import { viewLines } from "../author/dev-text.ts";
import { EXIT } from "../exit-code.ts";
import type { Verb } from "../verb.ts";

/** `plugin dev`. */
export const verb: Verb = {
  name: "dev",
  summary: "watch a plugin while you write it",
  positionals: [{ name: "dir" }],
  flags: [{ name: "once", summary: "show it once and end; exit 1 for errors" }],
  about: [
    "Shows what the plugin adds, shadows, executes and costs, and what is wrong with it, and again whenever you save. Nothing is installed and nothing of it runs.",
    "A session that was started with `--plugin-dir` on the same folder takes each change by itself.",
  ],
  examples: ["plugin dev", "plugin dev ./my-plugin", "plugin dev --once --json"],
  run: async (context, args) => {
    const shown = args.positionals[0] ?? ".";
    const once = args.switches.has("once");
    const { view, changes } = await develop(context, { directory: resolve(context.cwd, shown), shown, once });
    const { manifest, diagnostics, executables, collisions, stolen, tokens } = view;
    const provides: Record<string, number> = {};
    for (const { kind } of manifest?.contributions ?? []) provides[kind] = (provides[kind] ?? 0) + 1;
    const failed = diagnostics.some(({ severity }) => severity === "error");
    return {
      exit: once && failed ? EXIT.failed : EXIT.ok,
      data: { name: manifest?.name ?? "", provides, executables, collisions, stolen, tokens, diagnostics, changes },
      text: () => (once ? viewLines(view) : []),
    };
  },
};
