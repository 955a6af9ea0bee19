import { loadRoot } from "../../marketplace/install/root-state.ts";
import { readInventory } from "../../marketplace/sbom/inventory.ts";
import { bomText } from "../../marketplace/sbom/write-bom.ts";
import { Store } from "../../marketplace/store/store.ts";
import { CodedError } from "../../schemas/errors.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { installedHere, warnAbout } from "../installed.ts";
import { defaultScope, targetOf } from "../target.ts";
import type { Verb } from "../verb.ts";
import { VERSION } from "../version.ts";

/** `plugin sbom`. */
export const verb: Verb = {
  name: "sbom",
  summary: "print a bill of materials of what is installed (CycloneDX)",
  positionals: [],
  flags: [],
  about: [
    "CycloneDX 1.6 in JSON, of the project here or of `--scope`: every plugin and every npm package and container image that plugins or the launchers of their commands lock, with digests, licences, sources, and what needs what.",
    "The same set gives the same bytes on every machine: there is no time in it, unless `SOURCE_DATE_EPOCH` says one, and its serial number is made of what it lists.",
  ],
  examples: ["plugin sbom", "plugin sbom --scope user"],
  run: async (context) => {
    const { environment, options } = context;
    const home = homeOf(environment);
    const { generation, diagnostics } = await installedHere(context);
    await warnAbout(context, diagnostics);
    const target = targetOf(context, options.scope ?? defaultScope(context, home), home);
    const { directory = "user" } = target;
    const { services } = await context.engine();
    const { launchers } = loadRoot(home, target).shared.lock.value;
    const inventory = readInventory(generation, directory, new Store(home), services, launchers);
    const timestamp = epochOf(environment["SOURCE_DATE_EPOCH"]);
    const document: unknown = JSON.parse(bomText(inventory, { version: VERSION, timestamp }));
    return { exit: EXIT.ok, data: {}, document, text: () => [] };
  },
};

function epochOf(seconds: string | undefined): Date | undefined {
  if (seconds === undefined || seconds === "") return undefined;
  if (/^\d{1,11}$/u.test(seconds)) return new Date(Number(seconds) * 1_000);
  throw new CodedError("E_USAGE", `\`SOURCE_DATE_EPOCH\` is \`${seconds}\`, which is no number of seconds`, {
    hint: "unset it, or set it as `SOURCE_DATE_EPOCH=1700000000`",
  });
}
