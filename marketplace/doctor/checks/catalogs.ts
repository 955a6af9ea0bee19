import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRegistry } from "../../catalog/registry.ts";
import { SnapshotStore } from "../../catalog/snapshot-store.ts";
import { keepAside } from "../../generations/state-files.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { type Check, type Finding, findingOf, type Scene } from "../finding.ts";

/** The marketplaces that were added: their record, their stored catalogs, and local sources that are gone. */
export const catalogs: Check = {
  name: "catalogs",
  find: (scene): readonly Finding[] => {
    const { home } = scene.services;
    try {
      return [...readRegistry(home.marketplaces).values()].flatMap(({ name, revision, source, refreshError }) => [
        ...storedCatalog(name, revision, scene),
        ...((source.kind === "directory" || source.kind === "file") && !existsSync(source.path)
          ? [unreachable(name, `its folder \`${source.path}\` is gone`, source.path)]
          : refreshError === undefined
            ? []
            : [unreachable(name, refreshError, undefined)]),
      ]);
    } catch (error) {
      const isNewer = isCodedError(error) && error.code !== "E_STATE_CORRUPT";
      const file = join(home.marketplaces, "registry.json");
      const repair = {
        does: "put the damaged record of marketplaces aside; they have to be added again",
        isOurs: true,
        run: () => scene.services.exclusively(() => void keepAside(file, existsSync)),
      };
      return [findingOf("catalogs", error, isNewer ? {} : { repair })];
    }
  },
};

function storedCatalog(name: string, revision: string, { services, mendCatalog }: Scene): readonly Finding[] {
  const { marketplaces } = services.home;
  const repair = { does: `fetch the catalog of ${name} again`, isOurs: true, run: () => mendCatalog(name) };
  try {
    if (new SnapshotStore(marketplaces).read(name, revision) !== undefined) return [];
    return [
      {
        check: "catalogs",
        code: "E_STATE_CORRUPT",
        severity: "error",
        message: `the stored catalog of \`${name}\` is missing`,
        file: join(marketplaces, name, `${revision}.json`),
        hint: `run \`plugin marketplace update ${name}\``,
        repair,
      },
    ];
  } catch (error) {
    const isNewer = isCodedError(error) && error.code !== "E_STATE_CORRUPT";
    return [findingOf("catalogs", error, isNewer ? {} : { repair })];
  }
}

function unreachable(name: string, why: string, file: string | undefined): Finding {
  return {
    check: "catalogs",
    code: "W_MARKETPLACE_UNREACHABLE",
    severity: "warning",
    message: `marketplace \`${name}\` could not be read: ${why}`,
    ...(file !== undefined && { file }),
    hint: `\`plugin marketplace update ${name}\` tries again, \`plugin marketplace remove ${name}\` forgets it; what is installed stays`,
  };
}
