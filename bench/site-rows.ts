import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { search, searchable } from "../marketplace/site/browser/search.ts";
import type { SearchIndex } from "../marketplace/site/views/index-entry.ts";
import { plainPlugins, writeMarketplace } from "./fixtures.ts";
import type { RowGroup } from "./local-rows.ts";
import { measure, median, type BenchCase } from "./measure.ts";
import { BenchHome } from "./program.ts";

const PLUGINS = 2_000;
/** What a browser loads before somebody can search. */
const BEFORE_SEARCH = ["index.html", "assets/style.css", "assets/site.js", "assets/index.js", "assets/icon.svg"];

/** The site of 2,000 plugins: making it, what is transferred before the first search (as hosts send it, by gzip), and that search. */
export const siteRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "market"), "thousand", describedPlugins());
  const home = new BenchHome(join(work, "home"));
  const build: BenchCase = {
    name: "site of 2,000 plugins",
    invocation: (run) =>
      home.plugin(["marketplace", "site", join(work, `site-${String(run)}`), "--marketplace", market]),
    settle: true,
  };
  const figures = await measure([build]);
  const site = join(work, "site-0");
  const pages = readdirSync(join(site, "p")).length;
  if (pages !== PLUGINS) throw new Error(`the site has ${String(pages)} pages instead of ${String(PLUGINS)}`);
  const bytes = BEFORE_SEARCH.map((file) => gzipSync(readFileSync(join(site, file))).length);
  return [
    { name: build.name, unit: "ms", measured: figures.get(build.name)?.medianMs ?? 0, bar: 3_000, rule: "3 s" },
    {
      name: "transferred before the first search",
      unit: "KB",
      measured: bytes.reduce((sum, size) => sum + size, 0) / 1_000,
      bar: 250,
      rule: "250 kB",
    },
    { name: "first search of 2,000", unit: "ms", measured: firstSearchMs(site), bar: 50, rule: "50 ms" },
  ];
};

/** Preparing the index and the first search, each time with rows that were not seen before. */
function firstSearchMs(site: string): number {
  const text = readFileSync(join(site, "assets/index.js"), "utf8");
  const json = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  const times = Array.from({ length: 15 }, () => {
    // What `renderSite` wrote.
    const { entries } = JSON.parse(json) as SearchIndex;
    const started = performance.now();
    const found = search(searchable(entries), {
      text: "review p1",
      kinds: ["skill"],
      runs: "",
      category: "",
      order: "",
    });
    const elapsedMs = performance.now() - started;
    if (found.length === 0) throw new Error("the search found nothing");
    return elapsedMs;
  });
  return median(times);
}

/** Plugins whose descriptions are as long as real ones, and no two alike. */
function describedPlugins() {
  const words = "review release notes lint deploy database schema migrate test browser design audit".split(" ");
  return plainPlugins(PLUGINS).map((plugin, at) => ({
    ...plugin,
    description: Array.from({ length: 18 }, (_, word) => words[(at * 7 + word * (at % 11)) % words.length]).join(" "),
  }));
}
