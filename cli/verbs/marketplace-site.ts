import { resolve } from "node:path";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { parseMarketplaceArgument } from "../../schemas/identity.ts";
import { escapeControl } from "../../schemas/names.ts";
import { parseWebUrl } from "../../schemas/web-url.ts";
import type { CatalogSnapshot } from "../../marketplace/catalog/snapshot.ts";
import { buildSite } from "../../marketplace/site/build-site.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf } from "../flags.ts";
import { marketplaceArgument } from "../marketplace-argument.ts";
import { kindAt } from "../path.ts";
import { bytesText, counted } from "../print/amount.ts";
import { bold, green } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin marketplace site`. */
export const verb: Verb = {
  name: "marketplace site",
  summary: "write a marketplace as a static web site",
  positionals: [{ name: "out" }],
  flags: [
    {
      name: "marketplace",
      value: "name|path",
      summary: "the marketplace (default: the one here, or the only one added)",
    },
    { name: "base", value: "url", summary: "where the site will be served, for canonical addresses and a sitemap" },
    { name: "source", value: "source", summary: "what people add the marketplace by, when it is read from a folder" },
  ],
  about: [
    "A page for each plugin: what it adds, what it can execute, what it costs and needs, its versions and what each changed,",
    "how each agent installs it, and its readme; and a search. Nothing of the plugins runs, and the pages load nothing from",
    "elsewhere. OUT (default `site`) is new, empty, or the last site, of which only what changed is written.",
  ],
  examples: [
    "plugin marketplace site",
    "plugin marketplace site public --marketplace . --source owner/repo --base https://plugins.example.com/",
  ],
  run: async (context, args) => {
    const { sources, services, quiet } = await context.engine();
    const out = resolve(context.cwd, args.positionals[0] ?? "site");
    const base = baseOf(valueOf(args, "base"));
    const source = sourceOf(valueOf(args, "source"));
    const snapshot = await wanted(context, valueOf(args, "marketplace"));
    const built = await buildSite(snapshot, out, {
      sources,
      services,
      base,
      source,
      dryRun: context.options.dryRun,
    });
    quiet();
    const { market, files, bytes, removed } = built;
    const problems = market.plugins.flatMap(({ id, problem }) => (problem === undefined ? [] : [{ id, problem }]));
    return {
      exit: EXIT.ok,
      data: {
        market: market.name,
        out,
        ...(market.source !== undefined && { source: market.source }),
        plugins: market.plugins.length,
        files,
        bytes,
        removed,
        problems,
        diagnostics: snapshot.diagnostics,
      },
      text: () => [
        ...problems.map(({ id, problem }) => `note: ${id} is shown with what is wrong: ${problem}`),
        ...(market.source === undefined
          ? ["note: nobody said how people add this marketplace, so the pages say OWNER/REPO; give `--source`"]
          : []),
        `${green(context.options.dryRun ? "would be written:" : "written:")} ${bold(market.name)}, ${counted(market.plugins.length, "plugin")}, ${counted(files, "file")}, ${bytesText(bytes)} in ${out}${removed === 0 ? "" : `; ${counted(removed, "old file")} removed`}`,
      ],
    };
  },
};

/** A name of an added marketplace, or where one is; without either the one here, or the only one. */
async function wanted({ cwd, engine }: VerbContext, named: string | undefined): Promise<CatalogSnapshot> {
  const { catalogs, catalogAt } = await engine();
  if (named !== undefined) {
    return catalogs.has(named) ? catalogs.get(named) : catalogAt(marketplaceArgument(named, cwd));
  }
  if (kindAt("./.claude-plugin/marketplace.json", cwd) === "file") return catalogAt(marketplaceArgument("./", cwd));
  const [only, another] = catalogs.list();
  if (only !== undefined && another === undefined) return catalogs.get(only.name);
  throw new CodedError(
    "E_USAGE",
    `which marketplace is not clear: ${only === undefined ? "none" : "more than one"} was added`,
    {
      hint: "name it: `--marketplace NAME`, or the path of one",
    },
  );
}

/** What people type to add the marketplace, as it was given: something that they have, and no path of this machine. */
function sourceOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // Whether a folder here is called like a repository says nothing to others, so only what can be nothing else is a path.
  const { kind } = parseMarketplaceArgument(text, (path) => (/^[./~]/u.test(path) ? "directory" : undefined));
  if (kind !== "directory" && kind !== "file") return text;
  throw new CodedError(
    "E_USAGE",
    `\`--source ${escapeControl(text)}\` is a path, which means nothing on other machines`,
    {
      hint: "give what people type after `plugin marketplace add`, such as `owner/repo` or an https address",
    },
  );
}

function baseOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const url = parseWebUrl(text);
    return url.endsWith("/") ? url : `${url}/`;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw new CodedError("E_USAGE", `\`--base ${text}\` is not the address of a site`, {
      hint: "write it with its scheme, such as `https://plugins.example.com/`",
    });
  }
}
