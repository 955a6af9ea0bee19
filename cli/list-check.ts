import type { SessionPlugin } from "../core/discover/enabled-set.ts";
import { checkLoad } from "../core/load/check-load.ts";
import { openDirectoryTree } from "../core/platform/disk-file-tree.ts";
import { relocated } from "../marketplace/install/recorded-entry.ts";
import { Store } from "../marketplace/store/store.ts";
import type { Diagnostic } from "../schemas/diagnostic.ts";
import { launcherTrees, runTree } from "../schemas/generation.ts";
import { launcherFindings, launcherStates } from "../schemas/launchers/launcher-state.ts";
import { missingPackages } from "../schemas/packages/missing-packages.ts";
import type { PluginManifest } from "../schemas/plugin-manifest.ts";
import { isCodedError } from "../schemas/errors.ts";
import type { VerbContext } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { homeOf } from "./home.ts";
import { installedHere, warnAbout } from "./installed.ts";
import { type Denial, InstalledDenials } from "./policy/installed-denial.ts";
import { diagnosticLines } from "./print/diagnostic-lines.ts";
import { listData, listLines } from "./print/list-text.ts";
import { green, red } from "./print/style.ts";
import { counted } from "./print/amount.ts";
import type { VerbResult } from "./verb.ts";
import { VERSION } from "./version.ts";

/** One enabled plugin with what the host would say about it. */
interface Checked {
  readonly installed: SessionPlugin;
  readonly manifest: PluginManifest | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const isError = (diagnostic: Diagnostic): boolean => diagnostic.severity === "error";

/** `plugin list --check`: asks the host about every enabled plugin, as a session started here would. */
export async function listCheck(context: VerbContext): Promise<VerbResult> {
  const here = await installedHere(context);
  await warnAbout(context, here.diagnostics);
  const active = here.plugins.filter(({ state }) => state.kind === "on" || state.kind === "broken");
  const { services, catalogs } = await context.engine();
  const denials = new InstalledDenials({
    home: services.home,
    decide: services.decide,
    marketOf: (name) => (catalogs.has(name) ? catalogs.known(name) : undefined),
  });
  const checked = checkPlugins(context, active).map((one) => {
    const denial = one.manifest === undefined ? undefined : deniedBy(denials.of(one.installed, one.manifest));
    return denial === undefined ? one : { ...one, diagnostics: [denial, ...one.diagnostics] };
  });
  const failing = checked.filter((one) => one.installed.state.kind === "broken" || one.diagnostics.some(isError));
  const failed = failing.length > 0 || here.diagnostics.some(isError);
  return {
    exit: failed ? EXIT.failed : EXIT.ok,
    data: {
      generation: here.generation?.number ?? 0,
      plugins: here.plugins.map((installed) => {
        const own = checked.find((one) => one.installed === installed);
        return own === undefined
          ? listData(installed)
          : { ...listData(installed), loads: !failing.includes(own), diagnostics: own.diagnostics };
      }),
      diagnostics: here.diagnostics,
    },
    text: () => [
      ...listLines(here.plugins),
      ...checked.flatMap(({ installed, diagnostics }) =>
        diagnostics.flatMap((diagnostic) => diagnosticLines({ ...diagnostic, id: installed.plugin.id })),
      ),
      "",
      failing.length === 0
        ? `${green("ok")} ${counted(active.length, "enabled plugin")} would load`
        : `${red("not ok")} ${String(failing.length)} of ${counted(active.length, "enabled plugin")} would not load`,
    ],
  };
}

/** Policy may have changed since the plugin was installed. */
function deniedBy(denial: Denial | undefined): Diagnostic | undefined {
  if (denial === undefined) return undefined;
  const { rule, reason } = denial;
  const hint = `ask your administrator about the rule \`${rule.key}\``;
  return {
    code: "E_SOURCE_BLOCKED",
    severity: "error",
    message: `policy does not allow it: ${reason}`,
    file: rule.file,
    line: rule.line,
    hint,
  };
}

function checkPlugins(context: VerbContext, active: readonly SessionPlugin[]): readonly Checked[] {
  const store = new Store(homeOf(context.environment));
  const readable: { readonly installed: SessionPlugin; readonly candidate: Parameters<typeof checkLoad>[0][number] }[] =
    [];
  const checked: Checked[] = [];
  for (const installed of active) {
    const { id, manifest, dependencies } = installed.plugin;
    const tree = runTree(installed.plugin);
    try {
      const directory = store.directory(tree);
      const problems = [tree, ...launcherTrees(installed.plugin)].flatMap(
        (digest) => store.verify(digest, "sizes").problems,
      );
      if (problems.length > 0) {
        checked.push({ installed, manifest: store.readManifest(manifest), diagnostics: problems });
        continue;
      }
      readable.push({
        installed,
        candidate: {
          id,
          manifest: store.readManifest(manifest),
          tree: openDirectoryTree(directory),
          directory,
          needs: Object.keys(dependencies),
        },
      });
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { code, message, hint } = error;
      checked.push({
        installed,
        manifest: undefined,
        diagnostics: [
          { code, severity: "error", message, hint: hint ?? "run `plugin sync` to fetch the plugin again" },
        ],
      });
    }
  }
  const ids = new Set(active.map(({ plugin }) => plugin.id));
  const findings = checkLoad(
    readable.map(({ candidate }) => candidate),
    { version: VERSION, searchPath: context.environment["PATH"] ?? "", isInstalled: (id) => ids.has(id) },
  );
  readable.forEach(({ installed, candidate }, at) => {
    const broken = installed.state.kind === "broken" ? [installed.state.diagnostic] : [];
    checked.push({
      installed,
      manifest: candidate.manifest,
      diagnostics: [
        ...broken,
        ...missingPackages(installed.plugin),
        ...launcherFindings(launcherStates(candidate.manifest, installed.plugin)),
        ...(findings[at] ?? []).map((finding) => relocated(finding, undefined)),
      ],
    });
  });
  return checked;
}
