import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryHome } from "../../support/temporary-home.ts";

const PROBE = fileURLToPath(new URL("refused-probe.ts", import.meta.url));
const isRoot = process.getuid?.() === 0;
const AS_USER = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"];

describe("what the system refuses to an ordinary user", () => {
  it("is an E_IO that names the operation and the path, and leaves nothing behind", () => {
    using home = temporaryHome();
    home.write("closed/file", "");
    home.write("listed/file", "");
    chmodSync(home.path("listed"), 0o444);
    chmodSync(home.write("unreadable", ""), 0o000);
    chmodSync(home.write("mutex.sqlite", ""), 0o444);
    const before = readdirSync(home.directory);
    chmodSync(home.path("closed"), 0o000);
    chmodSync(home.directory, 0o555);
    const [command = "", ...words] = [...AS_USER, process.execPath, PROBE, home.directory];
    const child = spawnSync(command, words, { encoding: "utf8" });
    chmodSync(home.directory, 0o755);
    chmodSync(home.path("closed"), 0o755);
    chmodSync(home.path("listed"), 0o755);
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual({
      "list closed": "E_IO cannot list `/closed`: EACCES",
      "stat below closed": "E_IO cannot list `/closed`: EACCES",
      "stat in a folder that only lists": "E_IO cannot look at `/listed/file`: EACCES",
      "read unreadable": "E_IO cannot open `/unreadable`: EACCES",
      "open closed below": "E_IO cannot open `/closed/below`: EACCES",
      "hold in a closed home": "E_IO cannot open `/closed/mutex.sqlite`: unable to open database file",
      "hold a new home": "E_IO cannot create `/absent`: EACCES",
      "hold a home that is read-only": "E_IO cannot lock `/mutex.sqlite`: EACCES",
      "record consent": "E_IO cannot write `/consent.json`: EACCES",
      "read consent": "E_IO cannot read `/unreadable`: EACCES",
      append: expect.stringMatching(/^E_IO cannot create `\/audit\/.*\.jsonl`: EACCES$/),
    });
    expect(readdirSync(home.directory)).toEqual(before);
  });
});
