import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/** The content of everything below a directory: relative path → digest of a file, target of a link. Directories count by what they hold. */
export function fileDigests(
  top: string,
  counts: (path: string) => boolean = () => true,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (path: string): void => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return;
    const name = relative(top, path);
    if (name !== "" && !counts(name)) return;
    if (stats.isSymbolicLink()) found[name] = `-> ${readlinkSync(path)}`;
    else if (stats.isDirectory()) for (const child of readdirSync(path).sort()) walk(join(path, child));
    else found[name] = createHash("sha256").update(readFileSync(path)).digest("hex");
  };
  walk(top);
  return found;
}

/** What a person has of a home: all of it but download caches, the mutex and the log. */
export function homeDigests(home: string): Readonly<Record<string, string>> {
  return fileDigests(
    home,
    (path) => !/^(?:cache\/(?!plugins)[a-z]+|marketplaces|audit|leases)(?:\/|$)|^state\/mutex\.sqlite/u.test(path),
  );
}
