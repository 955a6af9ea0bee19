import { chmodSync, lstatSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../../home.ts";
import type { Check, Finding } from "../finding.ts";

const BY_OTHERS = 0o022;
const AT_ALL = 0o077;

/** Which rights of others are wrong where. */
function forbidden(home: Home): readonly (readonly [path: string, bits: number])[] {
  const writable = [
    home.directory,
    home.intent,
    home.lock,
    join(home.directory, "settings.json"),
    home.store,
    home.trees,
    home.index,
    home.marketplaces,
    join(home.marketplaces, "registry.json"),
    home.state,
    home.generations,
    home.sources,
    join(home.state, "consent.json"),
    join(home.state, "trust.json"),
    home.data,
    home.audit,
    home.cacheRoot,
    join(home.cacheRoot, "compile"),
  ];
  return [
    ...writable.map((path) => [path, BY_OTHERS] as const),
    // Settings of other agents can hold keys, and staging what no policy has seen yet.
    ...[home.agentState, home.journal, home.staging, home.leases].map((path) => [path, AT_ALL] as const),
  ];
}

/** Whether somebody else could change, or read, what they must not. */
export const permissions: Check = {
  name: "permissions",
  find: ({ services: { home } }): readonly Finding[] =>
    process.platform === "win32"
      ? []
      : forbidden(home).flatMap(([path, bits]): readonly Finding[] => {
          const stats = lstatSync(path, { throwIfNoEntry: false });
          if (stats === undefined || stats.isSymbolicLink()) return [];
          const own = process.getuid?.() ?? stats.uid;
          const common = { check: "permissions", code: "W_PERMISSIONS", severity: "warning", file: path } as const;
          if (stats.uid !== own && own !== 0) {
            const message = `\`${path}\` belongs to user ${stats.uid}, not to you (${own})`;
            return [
              { ...common, message, hint: `\`sudo chown -R ${own} ${home.directory}\`, or another \`PLUGSMITH_HOME\`` },
            ];
          }
          if ((stats.mode & bits) === 0) return [];
          const mode = (stats.mode & 0o777).toString(8);
          const what = (stats.mode & 0o022) !== 0 ? "written" : "read";
          return [
            {
              ...common,
              message: `\`${path}\` can be ${what} by others (mode ${mode})`,
              hint: `\`chmod ${bits === AT_ALL ? "go-rwx" : "go-w"} ${path}\``,
              repair: {
                does: "take rights from others",
                isOurs: true,
                run: () => chmodSync(path, stats.mode & 0o777 & ~bits),
              },
            },
          ];
        }),
};
