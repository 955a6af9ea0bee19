import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { readCurrent } from "../../../marketplace/generations/generations.ts";
import { homeAt } from "../../../marketplace/home.ts";
import { commandDigest } from "../../../marketplace/install/command-step.ts";
import { CommandSources } from "../../../marketplace/sources/command-sources.ts";
import { readLockfile } from "../../../schemas/lockfile.ts";
import { documentHere, pluginHere, type InProcessResult } from "../../support/in-process.ts";
import { marketFiles } from "../../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

/** A place with a marketplace `acme` whose plugin `tool` comes from a command, and `app` needs it. */
function commandPlace(files: TemporaryHome) {
  const script = files.write(
    "make.sh",
    `echo "$PWD $(ls -A) \${ACME_TOKEN-none}" >> ${files.path("runs")}
mkdir -p tool/skills/say tool/.git/hooks
cat ${files.path("skill")} > tool/skills/say/SKILL.md
echo '{"name": "tool", "version": "1.0.0"}' > tool/plugin.tmp
mkdir tool/.claude-plugin && mv tool/plugin.tmp tool/.claude-plugin/plugin.json
echo "$PWD/tool"
`,
  );
  const command = `sh ${script}`;
  files.write("skill", "---\nname: say\ndescription: Says.\n---\n\nSay it.\n");
  const market = {
    name: "acme",
    plugins: {
      tool: { entry: { source: { source: "command", command } } },
      app: { version: "1.0.0", dependencies: ["tool"] },
    },
  };
  for (const [path, text] of Object.entries(marketFiles(market))) files.write(`acme/${path}`, text);
  mkdirSync(files.path("project"));
  const run = (words: readonly string[], home = "home"): Promise<InProcessResult> =>
    pluginHere(words, { home: files.path(home), cwd: files.path("project"), env: { ACME_TOKEN: "secret" } });
  return {
    command,
    run,
    accept: ["--accept", commandDigest(command)],
    runs: () => (existsSync(files.path("runs")) ? readFileSync(files.path("runs"), "utf8").trim().split("\n") : []),
    tree: (home = "home") => readCurrent(homeAt(files.path(home)))?.roots[files.path("project")]?.plugins[0]?.tree,
  };
}

const SCOPE = ["--scope", "project"];

describe("a plugin that a command brings", () => {
  it("needs a yes to exactly that command, each time, and is locked to what came", async () => {
    using files = temporaryHome();
    const { run, accept, runs, tree, command } = commandPlace(files);
    for (const home of ["home", "mate"]) await run(["marketplace", "add", files.path("acme")], home);
    for (const words of [["--yes"], ["--accept", `sha256-${"0".repeat(64)}`], ["--dry-run"]]) {
      const { exit, text } = await run(["add", "tool@acme", ...SCOPE, ...words]);
      expect([words, exit, text.includes(command)]).toEqual([words, words[0] === "--dry-run" ? exit : 3, true]);
      expect(exit).not.toBe(0);
    }
    expect((await run(["info", "tool@acme"])).text).toContain("plugin add tool@acme");
    expect(runs()).toEqual([]);
    const asked = await documentHere(["add", "tool@acme", ...SCOPE], {
      home: files.path("home"),
      cwd: files.path("project"),
    });
    expect(asked).toMatchObject({ exit: 3, error: { code: "E_TRUST", data: { accept: commandDigest(command) } } });

    expect(await run(["add", "tool@acme", ...SCOPE, "--yes", ...accept])).toMatchObject({ exit: 0 });
    const [line = "", ...more] = runs();
    expect(more).toEqual([]);
    // In an empty directory that is gone, and without what looks like a credential.
    expect(line).toMatch(/plugsmith-command-\w+ {2}none$/u);
    expect(existsSync(line.split(" ")[0] ?? "")).toBe(false);
    const lock = readLockfile(readFileSync(files.path("project/plugins.lock"), "utf8"), "plugins.lock");
    expect(lock.plugins["tool@acme"]).toMatchObject({ version: "1.0.0", source: { kind: "command", command } });
    const installed = files.path("home/store/trees", tree() ?? "");
    expect(readdirSync(installed).sort()).toEqual([".claude-plugin", "skills"]);

    expect(await run(["sync", "--frozen"])).toMatchObject({ exit: 0 });
    expect(await run(["outdated"])).toMatchObject({ exit: 0 });
    expect(runs()).toHaveLength(1);
    expect(await run(["sync", "--trust-workspace", "--frozen"], "mate")).toMatchObject({ exit: 3 });
    expect(await run(["sync", "--trust-workspace", "--frozen", ...accept], "mate")).toMatchObject({ exit: 0 });
    expect([tree("mate"), runs().length]).toEqual([tree(), 2]);

    files.write("skill", "---\nname: say\ndescription: Says more.\n---\n\nSay it.\n");
    expect(await run(["marketplace", "add", files.path("acme")], "late")).toMatchObject({ exit: 0 });
    const late = await run(["sync", "--trust-workspace", "--frozen", ...accept], "late");
    expect([late.exit, late.text.includes("are not what the lock names")]).toEqual([1, true]);
    expect(await run(["update", "tool"])).toMatchObject({ exit: 3 });
    const before = tree();
    expect(await run(["update", "tool", "--yes", ...accept])).toMatchObject({ exit: 0 });
    expect(tree()).not.toBe(before);
  });

  it("does not come with another one, and not offline", async () => {
    using files = temporaryHome();
    const { run, accept, runs } = commandPlace(files);
    await run(["marketplace", "add", files.path("acme")]);
    const { exit, text } = await run(["add", "app@acme", ...SCOPE, "--yes", ...accept]);
    expect(exit).not.toBe(0);
    expect(text).toContain("`plugin add tool@acme` asks whether it may run");
    expect((await run(["add", "tool@acme", ...SCOPE, "--offline", ...accept])).text).toContain("may use the network");
    expect(runs()).toEqual([]);
    expect(await run(["add", "tool@acme", ...SCOPE, "--yes", ...accept])).toMatchObject({ exit: 0 });
    expect(await run(["add", "app@acme", ...SCOPE, "--yes"])).toMatchObject({ exit: 0 });
    expect(runs()).toHaveLength(1);
  });
});

describe("a command that brings a plugin", () => {
  const sources = (signal = new AbortController().signal): CommandSources =>
    new CommandSources({ openTree: openDirectoryTree, environment: process.env, signal, progress: () => undefined });

  it.each<[string, string, string]>([
    ["says nothing", "true", "printed nothing"],
    ["prints a relative path", "echo here", "`here`, which is no absolute path"],
    ["prints several lines", "echo /a; echo /b", "which is no absolute path"],
    ["prints what is not there", "echo /nowhere/at/all", "where no directory is"],
    ["prints a file", "echo hello > f; echo $PWD/f", "where no directory is"],
    ["prints the root", "echo /", "which is no directory of a plugin"],
    ["prints a home", `echo ${homedir()}`, "which is no directory of a plugin"],
    ["fails", "echo first >&2; echo no such tool >&2; exit 3", "ended with 3: no such tool"],
    ["does not exist", "no-such-program-here", "ended with 127"],
    ["does not end", "sleep 1000 & sleep 1000", "did not end within 1 s"],
    ["prints without end", "yes", "printed more than 65536 bytes"],
  ])("that %s is refused", async (_, command, why) => {
    const source = { kind: "command", command, timeoutSeconds: command.startsWith("sleep") ? 1 : 60 } as const;
    const own = sources();
    await expect(own.run("p@m", source)).rejects.toMatchObject({
      code: "E_SOURCE_COMMAND",
      message: expect.stringContaining(why) as string,
    });
    await own.close();
  });

  it("may not name a directory that everybody can change", async () => {
    using files = temporaryHome();
    mkdirSync(files.path("open"));
    chmodSync(files.path("open"), 0o777);
    const source = { kind: "command", command: `echo ${files.path("open")}` } as const;
    const own = sources();
    await expect(own.run("p@m", source)).rejects.toMatchObject({ code: "E_SOURCE_BLOCKED" });
    await own.close();
  });

  it("ends with everything that it started when it is interrupted", async () => {
    using files = temporaryHome();
    const controller = new AbortController();
    const own = sources(controller.signal);
    const command = `sleep 1000 & echo $! > ${files.path("pid.part")}; mv ${files.path("pid.part")} ${files.path("pid")}; wait`;
    const started = async (): Promise<void> => {
      while (!existsSync(files.path("pid"))) await new Promise((resolve) => setTimeout(resolve, 10));
      controller.abort();
    };
    const [ended] = await Promise.allSettled([own.run("p@m", { kind: "command", command }), started()]);
    expect(ended).toMatchObject({ status: "rejected", reason: { code: "E_INTERRUPTED" } });
    const status = `/proc/${readFileSync(files.path("pid"), "utf8").trim()}/status`;
    // A dead process may wait for its parent to look at it.
    expect(existsSync(status) ? readFileSync(status, "utf8") : "State:\tZ").toMatch(/State:\s+[ZX]/u);
    await own.close();
  });
});
