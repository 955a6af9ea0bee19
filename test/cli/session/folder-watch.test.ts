import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { watchFolders } from "../../../cli/session/folder-watch.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

it("notices what changes in a folder, that it goes, comes back, or another takes its place", async () => {
  using home = temporaryHome();
  const [folder, elsewhere] = [home.path("plugin"), home.path("elsewhere")];
  mkdirSync(folder);
  let next = Promise.withResolvers<undefined>();
  const unwatchable: unknown[] = [];
  using _watching = watchFolders(
    [folder],
    () => next.resolve(undefined),
    (_folder, error) => unwatchable.push(error),
  );
  const steps: readonly (() => void)[] = [
    () => writeFileSync(`${folder}/a`, "1"),
    () => renameSync(folder, elsewhere),
    () => renameSync(elsewhere, folder),
    () => writeFileSync(`${folder}/a`, "2"),
    () => rmSync(folder, { recursive: true }),
    () => mkdirSync(folder),
    () => writeFileSync(`${folder}/b`, "3"),
  ];
  for (const step of steps) {
    next = Promise.withResolvers<undefined>();
    step();
    await next.promise;
  }
  expect(unwatchable).toEqual([]);
});
