import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { openPlugsmith } from "../../cli/sdk.ts";
import { openHost } from "../../cli/session/open-host.ts";
import { withFolder } from "../../marketplace/archives/write-tarball.ts";
import { homeAt } from "../../marketplace/home.ts";
import { Store } from "../../marketplace/store/store.ts";
import { TreeWriter } from "../../marketplace/store/tree-writer.ts";
import { marketFiles } from "../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

const ID = "kit@acme";

/** Installs a plugin with one skill and nothing that executes, and returns the directory of its tree. */
async function installed(at: TemporaryHome): Promise<string> {
  for (const [path, text] of Object.entries(marketFiles({ name: "acme", plugins: { kit: { version: "1.0.0" } } })))
    at.write(`market/${path}`, text);
  at.write("project/readme.txt", "");
  const plugsmith = await openPlugsmith({ home: at.path("home"), environment: { PATH: process.env["PATH"] } });
  await plugsmith.addMarketplace(at.path("market"));
  const requests = [{ kind: "named", name: "kit", market: "acme" }] as const;
  await plugsmith.change({ scope: "user" }, { verb: "add", requests });
  await plugsmith.close();
  const [tree = ""] = readdirSync(at.path("home/store/trees"));
  return at.path("home/store/trees", tree);
}

/** The state of the plugin in a session that is opened now, under a policy. */
async function stateOf(at: TemporaryHome, policy: object = {}) {
  const opened = await openHost({
    directory: at.path("project"),
    pluginDirectories: [],
    settings: [],
    trustWorkspace: true,
    environment: { PLUGSMITH_HOME: at.path("home"), HOME: at.directory, PATH: process.env["PATH"] },
    managedFiles: () => [{ file: "/etc/plugsmith/managed.json", trusted: true, text: JSON.stringify(policy) }],
  });
  try {
    return opened.host.tree().plugins.find(({ id }) => id === ID)?.state;
  } finally {
    await opened.close();
  }
}

describe("an installed plugin", () => {
  it("PS01: is refused at load when its directory became a link, even to the same files", async () => {
    using at = temporaryHome();
    const tree = await installed(at);
    expect((await stateOf(at))?.kind).toBe("resolved");
    renameSync(tree, at.path("moved"));
    symlinkSync(at.path("moved"), tree);
    expect(await stateOf(at)).toMatchObject({
      kind: "held",
      reason: "config",
      message: expect.stringContaining("replaced by something else") as unknown,
    });
  });

  it("PS02: whose text was edited is refused at load where policy has `verifyOnLoad`", async () => {
    using at = temporaryHome();
    const tree = await installed(at);
    expect((await stateOf(at, { verifyOnLoad: true }))?.kind).toBe("resolved");
    const file = join(tree, "skills/kit/SKILL.md");
    const text = readFileSync(file, "utf8");
    chmodSync(file, 0o644);
    // As long as before: only its content tells.
    writeFileSync(file, text.replace("Do kit.", "Do bad."));
    expect((await stateOf(at))?.kind).toBe("resolved");
    expect(await stateOf(at, { verifyOnLoad: true })).toMatchObject({
      kind: "held",
      message: "`skills/kit/SKILL.md` was changed after the plugin was installed",
      hint: expect.stringContaining("plugin verify") as unknown,
    });
  });
});

it("MK15: a plugin on the yank list is off at the next load, without a network, and the reason is told", async () => {
  using at = temporaryHome();
  await installed(at);
  expect((await stateOf(at, { yankedPlugins: { "other@acme": "it steals" } }))?.kind).toBe("resolved");
  expect(await stateOf(at, { yankedPlugins: { "Kit@ACME": "it steals" } })).toMatchObject({
    kind: "held",
    reason: "policy",
    message: expect.stringContaining("it was withdrawn: it steals (`yankedPlugins.Kit@ACME`") as unknown,
  });
});

describe("what is unpacked", () => {
  /** More than the writer keeps in memory, so that it has begun to write. */
  const LARGE = new Uint8Array(9 * 1024 * 1024);

  it.each([
    ["a link to a file outside", (at: TemporaryHome) => symlinkSync(at.path("victim"), at.path("tree/evil"))],
    ["a link to nowhere outside", (at: TemporaryHome) => symlinkSync(at.path("born"), at.path("tree/evil"))],
    [
      "a link to a folder outside in place of its folder",
      (at: TemporaryHome) => symlinkSync(at.path("outside"), at.path("tree/d")),
    ],
  ])("AX25: is not written through %s that came between check and open", (_name, plant) => {
    using at = temporaryHome();
    at.write("victim", "mine");
    at.write("outside/kept", "mine");
    const writer = new TreeWriter(at.path("tree"));
    writer.addFile("large", LARGE, false);
    expect(writer.started).toBe(true);
    plant(at);
    writer.addFile("evil", Buffer.from("evil"), false);
    writer.addFile("d/evil", Buffer.from("evil"), false);
    expect(() => writer.finish([])).toThrow(expect.objectContaining({ code: "E_IO" }));
    expect(readFileSync(at.path("victim"), "utf8")).toBe("mine");
    expect(existsSync(at.path("born"))).toBe(false);
    expect(readdirSync(at.path("outside"))).toEqual(["kept"]);
  });

  it("AX25: is written where nobody planted anything, in a fresh folder of the person alone", () => {
    using at = temporaryHome();
    const staging = new Store(homeAt(at.path("home"))).stage(new AbortController().signal);
    expect(lstatSync(staging.directory).mode & 0o777).toBe(0o700);
    const writer = new TreeWriter(join(staging.directory, "tree"));
    writer.addFile("d/good", Buffer.from("good"), false);
    writer.finish([]);
    expect(readFileSync(join(staging.directory, "tree/d/good"), "utf8")).toBe("good");
    staging.dispose();
  });
});

describe("a shared temporary folder", () => {
  it("PS07: with what another user prepared is used through a fresh folder of the person alone", async () => {
    using at = temporaryHome();
    mkdirSync(at.path("outside"));
    mkdirSync(at.path("tmp/plugsmith-pack-"), { recursive: true });
    symlinkSync(at.path("outside"), at.path("tmp/plugsmith-pack"));
    symlinkSync(at.path("outside"), at.path("tmp/plugsmith-pack-000000"));
    if (process.getuid?.() === 0)
      for (const name of [".", "plugsmith-pack-"]) chownSync(at.path("tmp", name), 65_534, 65_534);
    chmodSync(at.path("tmp"), 0o1777);
    const before = readdirSync(at.path("tmp"));
    const own = process.env["TMPDIR"];
    process.env["TMPDIR"] = at.path("tmp");
    try {
      const files = [{ path: "a/b", bytes: Buffer.from("x"), executable: false }];
      const used = await withFolder(files, async (directory) => {
        const { mode, uid } = lstatSync(directory);
        return {
          at: dirname(directory),
          isNew: !before.includes(directory),
          mode: mode & 0o777,
          uid,
          names: readdirSync(directory),
        };
      });
      expect(used).toEqual({ at: at.path("tmp"), isNew: true, mode: 0o700, uid: process.getuid?.(), names: ["a"] });
      expect(readdirSync(at.path("tmp"))).toEqual(before);
      expect([...readdirSync(at.path("outside")), ...readdirSync(at.path("tmp/plugsmith-pack-"))]).toEqual([]);
    } finally {
      if (own === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = own;
    }
  });
});
