import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { readDocument } from "../support/json-document.ts";
import { hookFiles, place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

describe("bisect", () => {
  it("finds the generation and its plugin, and the version, and leaves nothing, also when it is interrupted", async () => {
    using at = place();
    const market = taggedMarket("acme", at.path("acme.git"));
    const bad = (version: number): boolean => version >= 4;
    for (let version = 1; version <= 6; version += 1) {
      const notes = { "notes.md": bad(version) ? "broken\n" : "fine\n" };
      market.release({
        tool: { version: `1.${String(version)}.0`, files: { ...hookFiles(), ...notes } },
        other: { version: `1.${String(version)}.0` },
      });
    }
    await at.ok(["marketplace", "add", market.url]);
    for (const version of [1, 3, 4])
      await at.accept(["add", `tool@acme@1.${String(version)}.0`, `other@acme@1.${String(version)}.0`]);
    // What another project has of it is not what is tried.
    mkdirSync(at.path("elsewhere"));
    await at.accept(["add", "tool@acme@1.1.0", "--scope", "project"], { cwd: "elsewhere" });
    const before = homeDigests(at.path("home"));
    const staging = (): readonly string[] =>
      existsSync(at.path("home/store/staging")) ? readdirSync(at.path("home/store/staging")) : [];

    const script =
      'plugin_directory=$(ls -d "$PLUGSMITH_HOME"/store/trees/*/); test -n "$plugin_directory" && ! grep -q "$1" "$PLUGSMITH_HOME/state/generations/1.json"';
    const words = [
      "bisect",
      "--json",
      "--good",
      "1",
      "--",
      "sh",
      "-c",
      script,
      "sh",
      '"id":"tool@acme","version":"1.[456].0"',
    ];
    const { stdout: json, exit } = await at.run(words);
    const document = readDocument(json);
    expect({ exit, document }).toMatchObject({
      exit: 0,
      document: {
        outcome: "found",
        good: "generation 2",
        bad: "generation 3",
        culprits: [{ root: "user", id: "tool@acme", from: "1.3.0", to: "1.4.0" }],
        changes: [{ id: "other@acme" }, { id: "tool@acme" }],
      },
    });
    expect((document["steps"] as readonly unknown[]).length).toBeLessThanOrEqual(3);

    const look = ["bisect", "--plugin", "tool@acme", "--good", "1.1.0", "--bad", "1.6.0"];
    const command = ["--", "sh", "-c", 'grep -q fine "$PLUGSMITH_BISECT_DIRECTORY/notes.md"'];
    const [, digest = ""] =
      /1\.6\.0 --accept (sha256-\w{64}) -- sh -c '/u.exec(await at.fails(3, [...look, ...command])) ?? [];
    const found = await at.ok([...look, "--accept", digest, ...command]);
    expect(found).toContain("first bad: tool@acme 1.4.0; tool@acme 1.3.0 is good");
    expect(found).toContain("plugin diff tool@acme 1.3.0..1.4.0");
    expect(await at.fails(1, ["bisect", "--good", "1", "--", "no-such-program"])).toContain("could not be started");
    for (const [command, said] of [
      ["true", "generation 3 is good, and `--bad` says otherwise"],
      ["false", "generation 1 is bad, and `--good` says otherwise"],
    ] as const)
      expect(await at.fails(2, ["bisect", "--good", "1", "--", command])).toContain(said);
    const { stdout } = await at.run(["bisect", "--good", "1", "--", "sh", "-c", "exit 125"]);
    expect(stdout).toContain("not clear: between generation 1 and generation 3");

    const interrupted = await at.run(["bisect", "--good", "1", "--", "sh", "-c", "kill -INT $PPID; exec sleep 20"]);
    expect(interrupted.exit).toBe(130);
    expect(staging()).toEqual([]);
    expect(homeDigests(at.path("home"))).toEqual(before);
  });
});
