import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { installedIds } from "../installed-ids.ts";
import { bold } from "../print/style.ts";
import type { VerbResult } from "../verb.ts";
import { askOptions, setCommands } from "./ask-options.ts";
import { installedWithOptions } from "./configured-plugin.ts";
import { settingsHere } from "./option-files.ts";
import { statesOf } from "./option-state.ts";

/** After plugins were added that were not there `before`: asks for the options that they need, or says how to set them. */
export async function withNeededOptions(
  context: VerbContext,
  result: VerbResult,
  before: ReadonlySet<string>,
): Promise<VerbResult> {
  const { options, writer } = context;
  if (result.exit !== EXIT.ok || options.dryRun) return result;
  const engine = await context.engine();
  const added = [...installedIds(engine.services.home)].filter((id) => !before.has(id));
  const plugins = added.length === 0 ? [] : await installedWithOptions(context, new Set(added));
  if (plugins.length === 0) return result;
  const { options: states } = await statesOf(context, settingsHere(context), plugins, false);
  const needed = states.filter(({ required, state }) => required && state === "unset");
  const commands = setCommands(needed);
  if (needed.length === 0) return result;
  if (options.json || !engine.interactive) {
    return {
      ...result,
      data: {
        ...result.data,
        unsetOptions: needed.map(({ plugin, key, title, sensitive }, at) => ({
          plugin,
          key,
          title,
          sensitive,
          command: commands[at] ?? "",
        })),
      },
      text: () => [
        ...result.text(),
        "",
        "some of it is off until these options have values:",
        ...commands.map((line) => `  ${line}`),
      ],
    };
  }
  engine.quiet();
  writer.out(result.text());
  writer.err(["", "it needs some values; without an answer one is left out"]);
  const set: string[] = [];
  for (const plugin of plugins) {
    const asked = needed.filter((state) => state.plugin === plugin.id);
    set.push(...(await askOptions(context, plugin, asked)).map(({ key }) => `${plugin.id} ${key}`));
  }
  const left = needed.filter(({ plugin, key }) => !set.includes(`${plugin} ${key}`));
  return {
    ...result,
    text: () => [
      ...(set.length === 0 ? [] : [`set: ${set.map((one) => bold(one)).join(", ")}`]),
      ...setCommands(left).map((line, at) => (at === 0 ? `  hint: later with ${line}` : `  ${line}`)),
    ],
  };
}
