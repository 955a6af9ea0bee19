// Loaded into a `plugin` process with `--import`: writes down, in `$MUTEX_CLOCK`, from when to when it held the mutex of its home.
import { appendFileSync } from "node:fs";

// Monotonic and the same for all processes of a machine.
const now = () => process.hrtime.bigint();

const getBuiltinModule = process.getBuiltinModule;
process.getBuiltinModule = (name) => {
  const found = getBuiltinModule(name);
  if (name === "node:sqlite") watch(found.DatabaseSync.prototype);
  return found;
};

let watched = false;

function watch(prototype) {
  if (watched) return;
  watched = true;
  const { exec, close } = prototype;
  let since;
  prototype.exec = function (text) {
    exec.call(this, text);
    if (text === "BEGIN EXCLUSIVE") since = now();
  };
  prototype.close = function () {
    // Before it is free, so that two times can only overlap when two processes held it.
    const until = now();
    close.call(this);
    if (since === undefined) return;
    appendFileSync(process.env.MUTEX_CLOCK, `${process.pid} ${since} ${until} ${process.argv.slice(2).join(" ")}\n`);
    since = undefined;
  };
}
