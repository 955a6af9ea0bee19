import { existsSync } from "node:fs";
import { join } from "node:path";
import { skillsFolder } from "../skills-folder.ts";
import { shellWord } from "../../../schemas/shell-word.ts";
import type { Machine } from "../target.ts";
import { addressSource } from "./address-source.ts";
import { folderNames } from "./folder-names.ts";
import { ForeignFiles, objectAt, textAt } from "./foreign-file.ts";
import type { HeldPlugin, Holdings } from "./holding.ts";

/** Skills of the folder that many agents share, with the lock of the `skills` tool. Folders that were written from here are left out by `isOurs`. */
export function skillsHoldings({ homeDirectory }: Machine, isOurs: (path: string) => boolean): Holdings {
  const folder = join(homeDirectory, ".agents", "skills");
  const lock = join(homeDirectory, ".agents", ".skill-lock.json");
  const files = new ForeignFiles();
  const locked = objectAt(files.json(lock), "skills");
  const names = folderNames(folder).filter((name) => !isOurs(join(folder, name)));
  for (const name of Object.keys(locked)) {
    if (!names.includes(name) && !isOurs(join(folder, name))) {
      files.refuse(`skill ${name}`, lock, `\`${join(folder, name)}\` does not exist`);
    }
  }
  const plugins = names.flatMap((name): readonly HeldPlugin[] => {
    const path = join(folder, name);
    if (!existsSync(join(path, "SKILL.md"))) {
      files.refuse(`folder ${name}`, path, "it holds no `SKILL.md`");
      return [];
    }
    const entry = objectAt(locked, name);
    // A page that offers skills is no repository.
    const isPage = entry["sourceType"] === "well-known";
    const address = isPage ? undefined : (textAt(entry, "sourceUrl") ?? textAt(entry, "source"));
    const source = addressSource(address, textAt(entry, "ref"));
    return [
      {
        name,
        ...(source !== undefined && { market: { name, source } }),
        folder: path,
        isAddable: true,
        where: Object.hasOwn(locked, name) ? lock : path,
        takeAway: Object.hasOwn(locked, name) ? `npx skills remove ${name} --global --yes` : `rm -r ${shellWord(path)}`,
      },
    ];
  });
  return { agent: skillsFolder.name, title: skillsFolder.title, marketplaces: [], plugins, unplaced: files.unplaced };
}
