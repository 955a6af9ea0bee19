import type { Diagnosed, Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import { readCatalog, type Catalog } from "../../schemas/marketplace.ts";
import { canonicalName, confusableName } from "../../schemas/names.ts";
import type { Repositories } from "../sources/repositories.ts";
import type { CatalogsOptions } from "./catalogs-options.ts";
import { checkEntries } from "./check-entries.ts";
import type { LoadedCatalog } from "./load-catalog.ts";
import type { KnownMarketplace } from "./snapshot.ts";

/** Reads a loaded catalog and looks whether the directories it names exist. Throws what `readCatalog` throws. */
export async function acceptCatalog(loaded: LoadedCatalog, repositories: Repositories): Promise<Diagnosed<Catalog>> {
  const { value, diagnostics } = readCatalog(loaded.bytes, { file: loaded.file, remote: loaded.remote });
  return {
    value,
    diagnostics: [...diagnostics, ...(await checkEntries(value, loaded.root, repositories, loaded.directories))],
  };
}

/**
 * Whether a new marketplace may have this name: not that of another one (attacks PB18, NM04), and only on purpose one
 * that looks like another (NM02). Throws `E_MARKETPLACE_EXISTS` or `E_CONFUSABLE`.
 */
export function checkNewName(
  name: string,
  known: Iterable<KnownMarketplace>,
  allowConfusable: boolean,
): Diagnostic | undefined {
  let alike: string | undefined;
  for (const market of known) {
    if (canonicalName(market.name) === canonicalName(name)) {
      throw new CodedError(
        "E_MARKETPLACE_EXISTS",
        `the name \`${name}\` belongs to the marketplace \`${market.identity}\``,
        {
          hint: `names stay bound until they are given up: \`plugin marketplace remove ${market.name}\``,
        },
      );
    }
    if (confusableName(market.name) === confusableName(name)) alike = market.name;
  }
  if (alike === undefined) return undefined;
  const message = `the name \`${name}\` looks like \`${alike}\`, which is another marketplace`;
  if (!allowConfusable) {
    throw new CodedError("E_CONFUSABLE", message, {
      hint: "if you are sure of the source, add it with `--allow-confusable`",
    });
  }
  return { code: "E_CONFUSABLE", severity: "warning", message, hint: `check that you mean \`${name}\`` };
}

/** Refuses a newer catalog under another name, or one that leaves open what an installed plugin is. Throws `E_MARKETPLACE_RENAMED` or `E_AMBIGUOUS`. */
export function checkRefreshed(
  known: KnownMarketplace,
  { name, ambiguous }: Catalog,
  { isInstalled }: Pick<CatalogsOptions, "isInstalled">,
): void {
  if (name !== known.name) {
    throw new CodedError("E_MARKETPLACE_RENAMED", `marketplace \`${known.name}\` now calls itself \`${name}\``, {
      hint: `if that is intended: \`plugin marketplace remove ${known.name}\`, then add it again`,
    });
  }
  const lost = ambiguous.find((entry) => isInstalled?.(entry.name, known.name) === true)?.name;
  if (lost === undefined) return;
  throw new CodedError(
    "E_AMBIGUOUS",
    `the newest catalog of \`${known.name}\` lists the installed plugin \`${lost}\` twice, with different contents`,
    { hint: "ask the owner of the marketplace to correct it" },
  );
}
