import { parseArgs } from "node:util";
import { Mirror } from "./mirror.ts";

const { values } = parseArgs({
  options: {
    git: { type: "string" },
    npm: { type: "string" },
    files: { type: "string" },
    directory: { type: "string", default: "mirror" },
    port: { type: "string", default: "0" },
    fresh: { type: "string", default: "60" },
  },
});
const { git, npm, files, directory, port, fresh } = values;
const mirror = new Mirror({ git, npm, files, directory, freshMs: Number(fresh) * 1000 });
process.stdout.write(`${await mirror.listen(Number(port))}\n`);
