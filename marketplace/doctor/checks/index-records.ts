import { readInspection } from "../../install/inspection-record.ts";
import { Store } from "../../store/store.ts";
import type { Check, Finding } from "../finding.ts";

/** What the index of the store knows of installed plugins: their manifests, the lists of their files, what inspecting them found. */
export const indexRecords: Check = {
  name: "index",
  find: ({ services: { home }, generation, mendRoot }): readonly Finding[] => {
    const store = new Store(home);
    return Object.entries(generation?.roots ?? {}).flatMap(([root, { plugins }]) =>
      plugins.flatMap(({ id, tree, manifest }): readonly Finding[] => {
        const found = store.findManifest(manifest);
        const problem =
          found === undefined
            ? "lacks its manifest"
            : found === "damaged"
              ? "holds another manifest than was installed"
              : store.members(tree) === undefined
                ? "lacks the list of its files"
                : readInspection(store, tree, manifest) === undefined
                  ? "lacks what it can execute"
                  : undefined;
        if (problem === undefined) return [];
        return [
          {
            check: "index",
            code: "E_STATE_CORRUPT",
            severity: "error",
            message: `the index of the store ${problem}`,
            file: home.index,
            hint: "run `plugin sync` to read the plugin again",
            root,
            plugin: id,
            repair: { does: `read plugins of ${root} again`, isOurs: true, run: () => mendRoot(root, "trees") },
          },
        ];
      }),
    );
  },
};
