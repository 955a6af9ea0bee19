import type { OpenedChange } from "../../marketplace/compare/compare-sets.ts";
import { NO_TEXTS } from "../../marketplace/compare/file-differences.ts";
import { filePatch } from "../../marketplace/compare/text-lines.ts";
import { CodedError } from "../../schemas/errors.ts";
import { compared } from "../diff/compared.ts";
import { diffSubject } from "../diff/subject.ts";
import { EXIT } from "../exit-code.ts";
import { patchLines, setDifferenceLines } from "../print/difference-text.ts";
import type { Verb } from "../verb.ts";

/** `plugin diff`. */
export const verb: Verb = {
  name: "diff",
  summary: "compare generations, locks or versions: files, what runs, what it costs",
  positionals: [
    { name: "range", completes: "installed" },
    { name: "versions or path", variadic: true },
  ],
  flags: [{ name: "patch", summary: "print how texts changed; of the paths that follow, or of all" }],
  about: [
    "Without a word the last change; `3..5` compares two generations, `3` one with the current, `a.lock..b.lock` two locks, of which git may have one as `HEAD~1:plugins.lock`; a plugin compares what is installed with the newest version, or two versions.",
    "Shown are files with the lines that came and went, what is added, what can execute, what is asked for, which hosts texts name, and the cost. Nothing runs and nothing is changed.",
  ],
  examples: [
    "plugin diff",
    "plugin diff 3..5",
    "plugin diff HEAD~1:plugins.lock..plugins.lock",
    "plugin diff git-facts@example",
    "plugin diff git-facts@example 1.0.0..1.2.0 --patch hooks/hooks.json",
  ],
  run: async (context, args) => {
    const patch = args.switches.has("patch");
    const { subject, paths } = diffSubject(args.positionals, context.cwd, patch);
    const { difference, opened } = await compared(subject, context);
    const patches = patch ? patchesOf(opened, paths) : undefined;
    return {
      exit: EXIT.ok,
      data: { ...difference, ...(patches === undefined ? {} : { patches }) },
      text: () =>
        patches === undefined
          ? setDifferenceLines(difference, "long")
          : patches.length === 0
            ? ["no file differs"]
            : patches.flatMap(({ text }) => patchLines(text)),
    };
  },
};

interface Patch {
  readonly id: string;
  readonly path: string;
  readonly text: string;
}

/** The unified texts of the files that differ, named `id/path`; of all, or of the paths and what lies below them. Throws `E_NOT_FOUND`. */
function patchesOf(opened: readonly OpenedChange[], paths: readonly string[]): readonly Patch[] {
  const found = new Set<string>();
  const isWanted = (id: string, path: string): boolean => {
    if (paths.length === 0) return true;
    const names = [path, `${id}/${path}`];
    const hits = paths.filter((word) =>
      names.some((name) => name === word || name.startsWith(word.endsWith("/") ? word : `${word}/`)),
    );
    for (const hit of hits) found.add(hit);
    return hits.length > 0;
  };
  const patches = opened.flatMap(({ change: { id, difference }, before, after }) =>
    (difference?.files ?? [])
      .filter(({ path }) => isWanted(id, path))
      .map((file): Patch => {
        const { change, path } = file;
        const name = `${id}/${path}`;
        const text = filePatch(name, file, before?.textOf ?? NO_TEXTS, after?.textOf ?? NO_TEXTS);
        return { id, path, text: text ?? `${name}: ${change}, no text or too long to compare` };
      }),
  );
  const missing = paths.find((word) => !found.has(word));
  if (missing === undefined) return patches;
  throw new CodedError("E_NOT_FOUND", `no file \`${missing}\` differs`, {
    hint: "`plugin diff` without `--patch` lists the files that do",
  });
}
