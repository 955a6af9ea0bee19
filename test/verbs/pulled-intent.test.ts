import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";

const IN = { cwd: "project" };

/** A project with `app`, which has two commands and needs `kit`. */
async function project(): Promise<Place> {
  const at = placeHere();
  const files = { "commands/go.md": "Go.\n", "commands/stop.md": "Stop.\n" };
  const plugins = { app: { version: "1.0.0", dependencies: ["kit"], files }, kit: { version: "1.0.0" } };
  await at.ok(["marketplace", "add", at.market({ name: "acme", plugins })]);
  mkdirSync(at.path("project/.git"), { recursive: true });
  await at.ok(["add", "app@acme", "--scope", "project"], IN);
  return at;
}

function edit(at: Place, from: string, to: string): void {
  const path = at.path("project/plugins.json");
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe("an intent that was pulled while its lock stayed as it was", () => {
  it("swaps one switched-off component for another", async () => {
    using at = await project();
    await at.ok(["disable", "app:command/go"], IN);
    edit(at, "command/go", "command/stop");
    const { document } = await at.json(["sync", "--dry-run"], IN);
    expect(document["plan"]).toMatchObject({
      steps: [
        { id: "app@acme", action: "enable", components: ["command/go"] },
        { id: "app@acme", action: "disable", components: ["command/stop"] },
      ],
    });
    await at.ok(["sync", "--frozen"], IN);
    expect(at.root("project")?.plugins[0]?.disabledComponents).toEqual(["command/stop"]);
    expect(await at.ok(["sync"], IN)).toContain("nothing to do");
  });

  it("makes a dependency wanted for itself", async () => {
    using at = await project();
    edit(at, '"app@acme": "*"', '"app@acme": "*",\n    "kit@acme": "*"');
    await at.ok(["sync", "--frozen"], IN);
    expect(at.root("project")?.plugins.map(({ requested }) => requested)).toEqual([true, true]);
    expect(await at.ok(["sync"], IN)).toContain("nothing to do");
  });
});
