import { spawnSync } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}dist`;

const { files, bytes } = await bundle(out);
console.log(`${String(files)} files, ${(bytes / 1024).toFixed(0)} KB in ${relative(root, out)}`);

// By path, as in `check.ts`.
const types = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "cli"], {
  cwd: root,
  stdio: "inherit",
});
if (types.status !== 0) process.exitCode = 1;
