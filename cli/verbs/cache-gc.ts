import { collectGarbage, type Collection, KEPT_GENERATIONS } from "../../marketplace/gc/collect.ts";
import { CodedError } from "../../schemas/errors.ts";
import { EXIT } from "../exit-code.ts";
import { type ParsedArguments, valueOf } from "../flags.ts";
import { warnAbout } from "../installed.ts";
import { bytesText, counted } from "../print/amount.ts";
import { columns, dim, green } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin cache gc`. */
export const verb: Verb = {
  name: "cache gc",
  summary: "remove what nothing needs any more",
  positionals: [],
  flags: [
    {
      name: "keep",
      value: "number",
      summary: `how many generations stay, the current one counted (default: ${String(KEPT_GENERATIONS)})`,
    },
  ],
  about: [
    "Removes old generations, and the files, catalogs and downloads that no kept generation, running session, lock or other agent",
    "needs. What is removed can be fetched again, but nothing can return to a generation that is gone. Waits for other commands.",
  ],
  examples: ["plugin cache gc --dry-run", "plugin cache gc --keep 3"],
  run: async (context, args) => {
    const keep = keptGenerations(args);
    const { services, quiet } = await context.engine();
    const { dryRun } = context.options;
    const collection = await collectGarbage(services, { keep, dryRun });
    quiet();
    await warnAbout(context, collection.diagnostics);
    const bytes = collection.removed.reduce((sum, one) => sum + one.bytes, collection.indexBytes);
    const { removed, indexBytes, generations, diagnostics } = collection;
    const outcome = dryRun ? "dry-run" : removed.length === 0 && indexBytes === 0 ? "nothing" : "done";
    return {
      exit: EXIT.ok,
      data: { outcome, bytes, removed, indexBytes, generations, diagnostics },
      text: () => lines(collection, bytes, dryRun),
    };
  },
};

function keptGenerations(args: ParsedArguments): number {
  const text = valueOf(args, "keep");
  if (text === undefined) return KEPT_GENERATIONS;
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw new CodedError("E_USAGE", `\`--keep ${text}\` is not a number of generations`, {
    hint: "it is 1 or more: the current generation always stays",
  });
}

/** How many of a kind, in words. */
const NOUNS: Readonly<Record<Collection["removed"][number]["kind"], string>> = {
  generation: "file of old generations",
  tree: "tree of plugin files",
  staging: "unfinished download",
  lease: "mark of an ended process",
  catalog: "old catalog file",
  repository: "copy of a git repository",
  packages: "cache of npm packages",
  link: "link in the cache",
  compiled: "file of compiled code",
};

const PLURALS: Readonly<Record<string, string>> = {
  "file of old generations": "files of old generations",
  "tree of plugin files": "trees of plugin files",
  "mark of an ended process": "marks of ended processes",
  "copy of a git repository": "copies of git repositories",
  "cache of npm packages": "caches of npm packages",
  "link in the cache": "links in the cache",
  "file of compiled code": "files of compiled code",
};

function lines({ removed, indexBytes, generations }: Collection, bytes: number, dryRun: boolean): readonly string[] {
  const stays = `${counted(generations.length, "generation")} ${generations.length === 1 ? "stays" : "stay"}`;
  if (removed.length === 0 && indexBytes === 0) return [`nothing to remove, ${stays}`];
  const rows = [...Map.groupBy(removed, ({ kind }) => kind)].map(([kind, all]) => {
    const noun = NOUNS[kind];
    const words = all.length === 1 ? `1 ${noun}` : `${String(all.length)} ${PLURALS[noun] ?? `${noun}s`}`;
    return [words, bytesText(all.reduce((sum, one) => sum + one.bytes, 0))];
  });
  const index = indexBytes === 0 ? [] : [["lines of the store's index", bytesText(indexBytes)]];
  return [
    ...columns([...rows, ...index], "  "),
    dryRun
      ? `${bytesText(bytes)} would be freed, ${stays} ${dim("(dry run, nothing was removed)")}`
      : `${green("done:")} ${bytesText(bytes)} freed, ${stays}`,
  ];
}
