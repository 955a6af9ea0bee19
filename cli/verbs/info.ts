import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { executables, tokenEstimate } from "../../schemas/formats/index.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { parsePluginSpec } from "../../schemas/plugin-spec.ts";
import type { SessionPlugin } from "../../core/discover/enabled-set.ts";
import { splitId } from "../../marketplace/install/ids.ts";
import { installedInfo, offeredInfo, type InstalledInfo, type OfferedInfo } from "../../marketplace/install/query.ts";
import { lookUp } from "../../marketplace/install/requests.ts";
import { originOf } from "../../marketplace/plan/build-plan.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { findInstalled, installedHere, warnAbout } from "../installed.ts";
import { bytesText, counted } from "../print/amount.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { executionLines, factLines, inventoryLines, launcherLines, shortened } from "../print/info-text.ts";
import { stateText } from "../print/list-text.ts";
import { bold } from "../print/style.ts";
import { shownManifest } from "../shown-manifest.ts";
import type { Verb, VerbResult } from "../verb.ts";

/** `plugin info`. */
export const verb: Verb = {
  name: "info",
  summary: "what a plugin contains, costs and comes from",
  positionals: [{ name: "plugin", completes: "installed", required: true }],
  flags: [],
  about: [
    "For an installed plugin what is installed and what its commands are locked to, for another one what its marketplace offers now. Nothing of it runs.",
  ],
  examples: ["plugin info git-facts@example", "plugin info git-facts --json"],
  run: async (context, args) => {
    const word = args.positionals[0] ?? "";
    const here = await installedHere(context);
    const { generation, diagnostics } = here;
    await warnAbout(context, diagnostics);
    const places = await installedPlaces(word, here.plugins);
    const first = places[0];
    if (generation === undefined || first === undefined) return offered(context, word);
    const all = places.map((place) => ({
      place,
      info: installedInfo(homeOf(context.environment), generation, place.root, place.plugin),
    }));
    return {
      exit: EXIT.ok,
      data: {
        installed: all.map(({ place, info }) => ({
          root: place.root,
          state: place.state.kind,
          ...info,
          manifest: shownManifest(info.manifest),
        })),
        diagnostics,
      },
      text: () => all.flatMap(({ place, info }, at) => [...(at === 0 ? [] : [""]), ...installedLines(place, info)]),
    };
  },
};

/** Where a word is installed; none when it names nothing that is. */
async function installedPlaces(word: string, plugins: readonly SessionPlugin[]): Promise<readonly SessionPlugin[]> {
  try {
    return await findInstalled(word, plugins);
  } catch (error) {
    if (isCodedError(error) && error.code === "E_NOT_INSTALLED") return [];
    throw error;
  }
}

function installedLines(place: SessionPlugin, info: InstalledInfo): readonly string[] {
  const { plugin, manifest } = info;
  const needs = Object.entries(plugin.dependencies).map(([id, range]) => `${id} ${range}`);
  return [
    `${bold(plugin.id)} ${plugin.version}`,
    ...(manifest.description === undefined ? [] : [`  ${shortened(manifest.description)}`]),
    ...factLines([
      ["state", stateText(place)],
      ["scope", plugin.scope],
      ["origin", originOf(plugin)],
      ["files", info.directory],
      ["digest", plugin.tree],
      ["packages", packagesText(plugin)],
      ["consent", plugin.consent === "" ? "not needed, nothing can execute" : plugin.consent],
      ["licence", manifest.license],
      ["cost", `${String(plugin.tokens)} tokens always on (estimate), ${bytesText(plugin.bytes)} on disk`],
      ["needs", needs.join(", ")],
      ["needed by", info.dependants.join(", ")],
    ]),
    ...inventoryLines(manifest, plugin.disabledComponents),
    ...launcherLines(info.launchers),
    ...executionLines(info.executables),
  ];
}

function packagesText({ packages }: GenerationPlugin): string | undefined {
  if (packages === undefined) return undefined;
  return "tree" in packages
    ? `${counted(packages.count, "npm package")} of its own`
    : `not installed: ${packages.problem}`;
}

const NO_INTENT: Intent = { schema: 1, marketplaces: {}, plugins: {}, overrides: {}, disabledComponents: {} };

async function offered(context: VerbContext, word: string): Promise<VerbResult> {
  const engine = await context.engine();
  const spec = parsePluginSpec(word, (name) => engine.catalogs.has(name));
  if ("path" in spec)
    throw new CodedError("E_USAGE", "`info` takes the name of a plugin", {
      hint: `for a folder use \`plugin validate ${word}\``,
    });
  const { additions } = await lookUp(
    [{ kind: "named", ...spec }],
    NO_INTENT,
    context.cwd,
    engine.catalogs,
    engine.services,
  );
  const { name, market } = splitId(additions[0]?.id ?? word);
  const info = await offeredInfo(name, market, engine.catalogs, engine.sources);
  engine.quiet();
  const facts =
    info.manifest === undefined
      ? []
      : executables(info.manifest).map(({ kind, name, display }) => ({ id: info.id, kind, name, display }));
  return {
    exit: EXIT.ok,
    data: {
      offered: {
        id: info.id,
        versions: info.offers.map((offer) => offer.version),
        manifest: info.manifest === undefined ? undefined : shownManifest(info.manifest),
        executables: facts,
        diagnostics: info.diagnostics,
      },
    },
    text: () => [
      ...offeredFacts(info),
      ...(info.manifest === undefined ? [] : [...inventoryLines(info.manifest), ...executionLines(facts)]),
      ...info.diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic)),
      "",
      `  hint: \`plugin add ${info.id}\` installs it`,
    ],
  };
}

function offeredFacts(info: OfferedInfo): readonly string[] {
  const { entry, manifest, newest, offers } = info;
  const needs = (manifest?.dependencies ?? entry.dependencies).map(
    ({ name, market, range }) => `${name}${market === undefined ? "" : `@${market}`} ${range}`,
  );
  const description = manifest?.description ?? entry.description;
  const others = offers.slice(1, 6).map((offer) => offer.version);
  return [
    `${bold(info.id)} ${newest.version} (not installed)`,
    ...(description === undefined ? [] : [`  ${shortened(description)}`]),
    ...factLines([
      ["origin", originOf(newest)],
      ["older", others.length === 0 ? undefined : `${others.join(", ")}${offers.length > 6 ? ", ..." : ""}`],
      ["licence", manifest?.license],
      ["cost", manifest === undefined ? undefined : `${String(tokenEstimate(manifest))} tokens always on (estimate)`],
      ["needs", needs.join(", ")],
    ]),
  ];
}
