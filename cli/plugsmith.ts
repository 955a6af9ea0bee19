#!/usr/bin/env node
// Plain syntax and no static import of Node's modules: an old Node must get far enough to be told that it is old.
import { VERSION } from "./version.ts";

const MINIMUM_NODE = 22;
const argv = process.argv.slice(2);

if (Number(process.versions.node.split(".")[0]) < MINIMUM_NODE) {
  process.stderr.write(
    "error: plugsmith " +
      VERSION +
      " needs Node.js " +
      String(MINIMUM_NODE) +
      " or newer, this is " +
      process.version +
      "\n",
  );
  process.exitCode = 1;
} else if (argv[0] === "plugin") {
  void import("./main.ts").then((program) => program.main(argv.slice(1)));
} else if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  process.stdout.write(VERSION + "\n");
} else {
  void import("./session/start.ts").then((program) => program.startSession(argv));
}
