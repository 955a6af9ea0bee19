import { h, type JSX } from "preact";
import { renderToString } from "preact-render-to-string";
import { layoutGraph, type GraphLayout, type GraphNeed } from "./graph-layout.ts";
import { installLines } from "./install-lines.ts";
import { renderMarkdown } from "./markdown.ts";
import { shownVersion, type SiteMarket, type SitePlugin } from "./model.ts";
import { AllPage } from "./views/all-page.ts";
import { FrontPage } from "./views/front-page.ts";
import { indexEntry, type SearchIndex } from "./views/index-entry.ts";
import { counted } from "./views/kinds.ts";
import { pluginPath, relativeLinks, versionPath } from "./views/links.ts";
import { PluginPage } from "./views/plugin-page.ts";
import { CONTENT_SECURITY_POLICY, Shell } from "./views/shell.ts";
import { VersionPage } from "./views/version-page.ts";

/** How the pages of a site are made. */
export interface RenderOptions {
  /** Absolute address that the site will have, with a final `/`. */
  readonly base?: string | undefined;
}

/** One file of a site. */
export interface SiteFile {
  /** POSIX path below the site. */
  readonly path: string;
  readonly text: string;
}

/** Makes all files of a site but those that are the same for every site; the same market gives the same bytes. */
export function* renderSite(market: SiteMarket, options: RenderOptions): Generator<SiteFile> {
  const entries = market.plugins.map((plugin) => indexEntry(plugin));
  const byId = new Map(market.plugins.map((plugin) => [plugin.id, plugin]));
  const needsOf = (id: string): readonly GraphNeed[] => shownNeeds(byId.get(id));
  const dependants = dependantsOf(market.plugins);
  const page = (
    path: string,
    title: string,
    description: string,
    scripts: readonly string[],
    child: JSX.Element,
  ): SiteFile => ({
    path,
    text: wholePage(
      h(
        Shell,
        {
          title,
          description,
          brand: market.name,
          links: relativeLinks(path),
          ...(options.base === undefined ? {} : { canonical: new URL(encodeURI(path), options.base).href }),
          scripts,
          withSearch: path !== "index.html",
          footer: FOOTER,
        },
        child,
      ),
    ),
  });
  const front = relativeLinks("index.html");
  const facts = [
    counted(market.plugins.length, "plugin"),
    ...(market.owner === "" ? [] : [`by ${market.owner}`]),
    ...(market.source === undefined ? [] : [market.source]),
  ];
  const { name, description } = market;
  const list = { entries, linkOf: front.plugin };
  yield page(
    "index.html",
    `${name}: plugins for coding agents`,
    description,
    ["index.js", "site.js"],
    h(FrontPage, { heading: name, description, facts, ...list, all: "all.html" }),
  );
  yield page("all.html", `All plugins of ${name}`, "", [], h(AllPage, { market: name, ...list }));
  for (const plugin of market.plugins) {
    const links = relativeLinks(pluginPath(plugin.name));
    const linkOf = (id: string): string | undefined => byId.get(id) && links.plugin(byId.get(id)?.name ?? "");
    const graph = graphOf(plugin, needsOf, dependants.get(plugin.id) ?? []);
    yield page(
      pluginPath(plugin.name),
      `${plugin.title}: ${name}`,
      plugin.description,
      ["site.js"],
      h(PluginPage, {
        plugin,
        links,
        linkOf,
        install: installLines(plugin.id, market.source),
        ...(graph === undefined ? {} : { graph }),
        ...(plugin.readme === undefined ? {} : { readme: renderMarkdown(plugin.readme) }),
      }),
    );
    // The page of the only version would say what the page of the plugin says.
    for (const version of plugin.versions.length < 2 ? [] : plugin.versions) {
      const path = versionPath(plugin.name, version.slug);
      const title = `${plugin.title} ${version.version}: ${name}`;
      yield page(
        path,
        title,
        plugin.description,
        ["site.js"],
        h(VersionPage, { plugin, version, links: relativeLinks(path) }),
      );
    }
  }
  yield { path: "assets/index.js", text: indexScript({ entries }) };
  yield { path: "_headers", text: HEADERS };
  yield { path: ".nojekyll", text: "" };
  if (options.base !== undefined) yield { path: "sitemap.xml", text: sitemap(market, options.base) };
}

function wholePage(page: JSX.Element): string {
  return `<!doctype html>\n${renderToString(page)}\n`;
}

/** The file that gives the search its data: JSON, which is an expression, so that it also works from a folder. */
export function indexScript(index: SearchIndex): string {
  return `globalThis.plugsmithIndex=${JSON.stringify(index)};\n`;
}

/** `undefined` when it needs nothing and nothing needs it. */
function graphOf(
  plugin: SitePlugin,
  needsOf: (id: string) => readonly GraphNeed[],
  dependants: readonly string[],
): GraphLayout | undefined {
  if (needsOf(plugin.id).length === 0 && dependants.length === 0) return undefined;
  return layoutGraph(plugin.id, needsOf, dependants);
}

/** Each id once. */
function shownNeeds(plugin: SitePlugin | undefined): readonly GraphNeed[] {
  const needs = plugin === undefined ? [] : (shownVersion(plugin)?.needs ?? []);
  return [...new Map(needs.map((need) => [need.id, need])).values()];
}

function dependantsOf(plugins: readonly SitePlugin[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const plugin of plugins) {
    for (const { id } of shownNeeds(plugin)) {
      const ones = found.get(id);
      if (ones === undefined) found.set(id, [plugin.id]);
      else ones.push(plugin.id);
    }
  }
  return found;
}

const FOOTER =
  "Made by Plugsmith from the files of the marketplace. Nothing here runs, tracks or loads anything from elsewhere.";

/** For hosts that read such a file; a header can forbid framing, which a page cannot say of itself. */
const HEADERS = `/*
  Content-Security-Policy: ${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer
`;

function sitemap(market: SiteMarket, base: string): string {
  const paths = ["index.html", "all.html", ...market.plugins.map(({ name }) => pluginPath(name))];
  const urls = paths.map((path) => `<url><loc>${escapeXml(new URL(encodeURI(path), base).href)}</loc></url>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls.join("\n")}\n</urlset>\n`;
}

const escapeXml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
