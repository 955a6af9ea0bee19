import { chownSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryHome } from "../../support/temporary-home.ts";
import { packagesLoadedBy, readSources, type PackageManifest } from "../../support/import-graph.ts";
import { etcOf, probeUnder, skipsNamespaces, writeManaged } from "../managed-namespace.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const main = "/etc/plugsmith/managed.json";
const allowAcme = JSON.stringify({ strictKnownMarketplaces: [{ source: "github", repo: "acme/market" }] });
const allAllowed = { allowed: "allowed", other: "allowed", plugin: "allowed", blocked: "allowed" };
const allClosed = (file: string): object => ({ allowed: file, other: file, plugin: file, blocked: file });

describe("loading the managed policy", () => {
  it("needs no package where nothing is managed", () => {
    // The project's own manifest, whose shape `test/architecture.test.ts` relies on too.
    const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as PackageManifest;
    const packages = packagesLoadedBy("core/settings/policy-documents.ts", readSources(realpathSync(root)), manifest);
    expect([...packages]).toEqual([]);
  });
});

describe.skipIf(skipsNamespaces())("the managed policy", () => {
  it("allows everything where there is none", () => {
    using home = temporaryHome();
    expect(probeUnder(etcOf(home), "policy")).toEqual({ answers: allAllowed, messages: [] });
  });

  it("is the strictest of all documents, whichever agent they were written for", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    writeManaged(etc, "plugsmith/managed.json", "{}");
    writeManaged(etc, "plugsmith/managed.d/plugins.json", JSON.stringify({ enabledPlugins: { "bad@acme": false } }));
    writeManaged(etc, "claude-code/managed-settings.json", allowAcme);
    expect(probeUnder(etc, "policy")).toEqual({
      answers: {
        allowed: "allowed",
        other: "/etc/claude-code/managed-settings.json",
        plugin: "allowed",
        blocked: "/etc/plugsmith/managed.d/plugins.json",
      },
      messages: [],
    });
  });

  it("PB15: cannot be moved or replaced by the environment", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    writeManaged(etc, "plugsmith/managed.json", JSON.stringify({ strictKnownMarketplaces: [] }));
    const own = home.path("own");
    const environment = { HOME: own, PLUGSMITH_HOME: own, XDG_CONFIG_HOME: own, ProgramFiles: own, NODE_ENV: "test" };
    expect(probeUnder(etc, "policy", environment)).toMatchObject({
      answers: { allowed: main, other: main, plugin: main },
    });
  });

  it("PB25: blocks everything when a document can be written by somebody else, and says why", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    chownSync(writeManaged(etc, "plugsmith/managed.json", "{}"), 1000, 1000);
    writeManaged(etc, "plugsmith/managed.d/a.json", allowAcme);
    expect(probeUnder(etc, "policy")).toEqual({
      answers: allClosed(main),
      messages: [
        `the policy cannot be read, so it blocks everything: \`${main}\` does not belong to root but to user 1000`,
      ],
    });
  });

  it("blocks everything when a document is no JSON", () => {
    using home = temporaryHome();
    const etc = etcOf(home);
    const file = writeManaged(etc, "plugsmith/managed.d/a.json", "{");
    const closed = {
      answers: allClosed("/etc/plugsmith/managed.d/a.json"),
      messages: [expect.stringContaining("blocks everything")],
    };
    expect(probeUnder(etc, "policy")).toEqual(closed);
    writeFileSync(file, "");
    expect(probeUnder(etc, "policy")).toEqual(closed);
  });
});
