import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ManagedFile } from "../../../core/platform/managed-files.ts";
import { managedPlaces } from "../../../core/platform/managed-paths.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { etcOf, probeUnder, skipsNamespaces, writeManaged } from "../managed-namespace.ts";

const readUnder = (etc: string, environment?: NodeJS.ProcessEnv): readonly ManagedFile[] =>
  // The probe prints what the function under test returned.
  probeUnder(etc, "files", environment) as readonly ManagedFile[];

describe("managed places", () => {
  it("are fixed on every platform, ours before the other agent's", () => {
    expect(managedPlaces("linux").map(({ document, dropIns }) => [document, dropIns])).toEqual([
      ["/etc/plugsmith/managed.json", "/etc/plugsmith/managed.d"],
      ["/etc/claude-code/managed-settings.json", "/etc/claude-code/managed-settings.d"],
    ]);
    expect(managedPlaces("darwin")[0]?.document).toBe("/Library/Application Support/Plugsmith/managed.json");
    expect(managedPlaces("win32")[1]?.dropIns).toBe("C:\\Program Files\\ClaudeCode\\managed-settings.d");
  });
});

describe.skipIf(skipsNamespaces())("managed files", () => {
  it("are none where nothing is managed", () => {
    using home = temporaryHome();
    expect(readUnder(etcOf(home))).toEqual([]);
  });

  it("are read in order: main document, drop-ins by name, then the other agent's", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    writeManaged(etc, "claude-code/managed-settings.d/x.json", "5");
    writeManaged(etc, "claude-code/managed-settings.json", "4");
    writeManaged(etc, "plugsmith/managed.d/20.json", "3");
    writeManaged(etc, "plugsmith/managed.d/10.json", "2");
    writeManaged(etc, "plugsmith/managed.d/.hidden.json", "no");
    writeManaged(etc, "plugsmith/managed.d/notes.txt", "no");
    writeManaged(etc, "plugsmith/managed.json", "1");
    const files = readUnder(etc);
    expect(files.map((file) => (file.trusted ? file.text : file.reason))).toEqual(["1", "2", "3", "4", "5"]);
    expect(files[1]?.file).toBe("/etc/plugsmith/managed.d/10.json");
  });

  it("PB15: stay where they are whatever the environment says", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    writeManaged(etc, "plugsmith/managed.json", "rule");
    const elsewhere = home.path("elsewhere");
    const environment = {
      HOME: elsewhere,
      PLUGSMITH_HOME: elsewhere,
      XDG_CONFIG_DIRS: elsewhere,
      PLUGSMITH_MANAGED: elsewhere,
    };
    expect(readUnder(etc, environment)).toEqual([{ file: "/etc/plugsmith/managed.json", trusted: true, text: "rule" }]);
  });

  it("may be links and lie in sticky directories as long as only root can have written them", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    writeManaged(etc, "static/managed.json", "linked");
    mkdirSync(join(etc, "plugsmith"));
    chmodSync(join(etc, "static"), 0o1777);
    symlinkSync("../static/managed.json", join(etc, "plugsmith/managed.json"));
    expect(readUnder(etc)).toMatchObject([{ trusted: true, text: "linked" }]);
  });

  const attacks: Readonly<Record<string, readonly [change: (etc: string, file: string) => void, reason: RegExp]>> = {
    "belongs to a user": [
      (_, file) => chownSync(file, 1000, 1000),
      /`\/etc\/plugsmith\/managed\.json` does not belong to root but to user 1000/,
    ],
    "is writable by its group": [
      (_, file) => chmodSync(file, 0o664),
      /can be written by others than root \(mode 664\)/,
    ],
    "is writable by all": [(_, file) => chmodSync(file, 0o646), /can be written by others/],
    "lies in a directory of a user": [
      (etc) => chownSync(join(etc, "plugsmith"), 1000, 0),
      /`\/etc\/plugsmith` does not belong to root/,
    ],
    "lies in a writable directory": [
      (etc) => chmodSync(join(etc, "plugsmith"), 0o777),
      /`\/etc\/plugsmith` can be written/,
    ],
    "is a link into a user's directory": [
      (etc, file) => {
        writeManaged(etc, "user/policy.json", "weak");
        chownSync(join(etc, "user"), 1000, 1000);
        spawnSync("ln", ["-sf", "../user/policy.json", file]);
      },
      /`\/etc\/user` does not belong to root/,
    ],
    "is a link of a user": [
      (etc, file) => {
        writeManaged(etc, "real.json", "weak");
        spawnSync("ln", ["-sf", "../real.json", file]);
        spawnSync("chown", ["-h", "1000", file]);
      },
      /`\/etc\/plugsmith\/managed\.json` does not belong to root/,
    ],
    "is a link to nothing": [
      (_, file) => spawnSync("ln", ["-sf", "absent", file]),
      /`\/etc\/plugsmith\/absent` does not exist/,
    ],
    "is a link to itself": [(_, file) => spawnSync("ln", ["-sf", "managed.json", file]), /too many links/],
    "cannot be read": [(_, file) => chmodSync(file, 0o600), /it cannot be read: EACCES/],
    "is a directory": [(_, file) => spawnSync("sh", ["-c", 'rm "$0"; mkdir "$0"', file]), /it cannot be read: EISDIR/],
    "is a pipe": [(_, file) => spawnSync("sh", ["-c", 'rm "$0"; mkfifo "$0"', file]), /neither a file nor a directory/],
    "is not UTF-8": [(_, file) => writeFileSync(file, Uint8Array.of(0x7b, 0xff, 0x7d)), /not UTF-8/],
  };
  for (const [name, [attack, reason]] of Object.entries(attacks)) {
    it(`PB25: are reported and not believed when one ${name}`, () => {
      using home = temporaryHome();
      const etc = etcOf(home);
      attack(etc, writeManaged(etc, "plugsmith/managed.json", "rule"));
      expect(readUnder(etc)).toEqual([
        { file: "/etc/plugsmith/managed.json", trusted: false, reason: expect.stringMatching(reason) },
      ]);
    });
  }

  it("are reported when nobody but root may look for them", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    writeManaged(etc, "plugsmith/managed.json", "rule");
    chmodSync(join(etc, "plugsmith"), 0o700);
    expect(readUnder(etc).map(({ file, trusted }) => [file, trusted])).toEqual([
      ["/etc/plugsmith/managed.json", false],
      ["/etc/plugsmith/managed.d", false],
    ]);
  });

  it("PB25: are reported as a whole when their drop-in directory is a user's, or sticky and open", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    writeManaged(etc, "plugsmith/managed.d/a.json", "rule");
    chmodSync(join(etc, "plugsmith/managed.d"), 0o1777);
    expect(readUnder(etc)).toMatchObject([{ file: "/etc/plugsmith/managed.d", trusted: false }]);
    chmodSync(join(etc, "plugsmith/managed.d"), 0o755);
    chownSync(join(etc, "plugsmith/managed.d"), 1000, 1000);
    expect(readUnder(etc)).toMatchObject([{ file: "/etc/plugsmith/managed.d", trusted: false }]);
  });
});
