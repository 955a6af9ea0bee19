import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { exportBundle } from "../../marketplace/bundle/export-bundle.ts";
import { loadRoot } from "../../marketplace/install/root-state.ts";
import { ioError } from "../../schemas/system-error.ts";
import { Store } from "../../marketplace/store/store.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { findInstalled, installedHere } from "../installed.ts";
import { bytesText, counted } from "../print/amount.ts";
import { bold, green } from "../print/style.ts";
import { defaultScope, targetOf } from "../target.ts";
import type { Verb } from "../verb.ts";

/** `plugin bundle export`. */
export const verb: Verb = {
  name: "bundle export",
  summary: "put plugins with everything they need into one archive",
  positionals: [
    { name: "file", required: true },
    { name: "plugin", completes: "installed", variadic: true },
  ],
  flags: [],
  about: [
    "Of the project here or of `--scope`: all plugins, or those that are named with what they need. In the archive are the lock, the files of every plugin and the npm packages that they lock, each under its digest, and the catalogs. `plugin bundle import` installs from it without a network.",
    "The same lock gives the same bytes. Plugins of folders (`@local`) and private picks stay here, and so do container images: those that commands start are named with their digests, to be pulled where they are started.",
  ],
  examples: ["plugin bundle export plugins.tar", "plugin bundle export tools.tar git-facts@example --scope user"],
  run: async (context, args) => {
    const [word = "", ...words] = args.positionals;
    const file = resolve(context.cwd, word);
    const home = homeOf(context.environment);
    const target = targetOf(context, context.options.scope ?? defaultScope(context, home), home);
    const { plugins } = await installedHere(context);
    const found = await Promise.all(words.map((one) => findInstalled(one, plugins)));
    const ids = found.flatMap(([first]) => (first === undefined ? [] : [first.plugin.id]));
    const engine = await context.engine();
    const options = { services: engine.services, catalogs: engine.catalogs, store: new Store(home) };
    const bundle = await exportBundle(loadRoot(home, target), ids, options);
    const { dryRun } = context.options;
    if (!dryRun) write(file, bundle.bytes);
    engine.quiet();
    const digest = digestOf(bundle.bytes);
    const { images, leftOut, marketplaces, packages } = bundle;
    return {
      exit: EXIT.ok,
      data: {
        outcome: dryRun ? "dry-run" : "exported",
        file,
        bytes: bundle.bytes.length,
        digest,
        plugins: bundle.plugins,
        marketplaces,
        packages,
        images,
        leftOut,
      },
      text: () => [
        ...leftOut.map((id) => `note: \`${id}\` is a folder of this machine and stays here`),
        ...images.map((image) => `note: the image ${image} is not in it: pull it where it is started`),
        `${dryRun ? "would write" : `${green("done:")} wrote`} ${bold(file)} with ${counted(bundle.plugins.length, "plugin")}${packages === 0 ? "" : ` and ${counted(packages, "npm package")}`} (${bytesText(bundle.bytes.length)})`,
        `  digest ${digest}`,
        `  hint: \`plugin bundle import ${word} --digest ${digest}\` takes it in elsewhere`,
      ],
    };
  },
};

function write(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    throw ioError("write", file, error);
  }
}
