// Installs the development dependencies when they are missing or differ from `package-lock.json`, then runs the script
// that is named, with its arguments, on the development runtime. A second `node` in the same npm script would not do:
// a shell remembers where it found the first one, which is the old one of the machine.
// Runs before anything is installed: no dependencies, any Node from 18 on.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The first reason why `node_modules` does not hold what the lock says, or undefined. */
function staleBecause() {
  const wanted = packagesOf(`${root}package-lock.json`);
  if (wanted === undefined) throw new Error("`package-lock.json` is missing or is not valid JSON");
  if (!existsSync(`${root}node_modules`)) return "`node_modules` is missing";
  // npm writes this file last, so its presence also means that the installation was not interrupted.
  const present = packagesOf(`${root}node_modules/.package-lock.json`);
  if (present === undefined) return "`node_modules` is incomplete";
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = present[path];
    // Optional packages for other platforms are in the lock and not on the disk.
    if (found === undefined && entry.optional === true) continue;
    if (found === undefined || found.integrity !== entry.integrity) return `\`${path}\` differs from the lock`;
  }
  for (const path of Object.keys(present)) {
    if (wanted[path] === undefined && !path.startsWith("node_modules/node/")) return `\`${path}\` is not in the lock`;
  }
  if (!existsSync(`${root}node_modules/node/bin/node`) && !existsSync(`${root}node_modules/node/bin/node.exe`)) {
    return "the development runtime is missing";
  }
  return undefined;
}

function install(reason) {
  process.stderr.write(`plugsmith: ${reason}, running \`npm ci\` (about 20 seconds) ...\n`);
  const options = {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    shell: process.platform === "win32",
  };
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], options);
  if (result.error?.code === "ENOENT") {
    return "`npm` was not found; install Node.js 20 or newer with npm and run this again";
  }
  if (result.status === 0) return undefined;
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ECONNRESET/.test(output)) {
    return "`npm ci` could not reach the package registry; connect to the network (or fill npm's cache) and run this again";
  }
  process.stderr.write(output);
  return `\`npm ci\` failed (${result.status === null ? `signal ${result.signal}` : `exit ${result.status}`}); its output is above`;
}

function run(script, words) {
  const node = ["bin/node", "bin/node.exe"].map((name) => `${root}node_modules/node/${name}`).find(existsSync);
  const result = spawnSync(node ?? "node", ["--conditions=source", script, ...words], { cwd: root, stdio: "inherit" });
  if (result.error !== undefined) throw result.error;
  return result.status ?? (result.signal === "SIGINT" ? 130 : 1);
}

const [script, ...words] = process.argv.slice(2);
const stale = staleBecause();
const failure = stale === undefined ? undefined : install(stale);
if (failure !== undefined) {
  process.stderr.write(`plugsmith: ${failure}\n`);
  process.exitCode = 1;
} else if (script !== undefined) {
  process.exitCode = run(script, words);
}
