import { describe, expect, it } from "vitest";
import { fileDigests } from "../support/file-digests.ts";
import { place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/** What may differ between two machines and must not show. */
const MACHINES: Readonly<
  Record<string, { readonly umask?: number; readonly env?: Readonly<Record<string, string>>; readonly home?: string }>
> = {
  plain: {},
  "a narrow umask": { umask: 0o077 },
  "a wide umask": { umask: 0 },
  "another language": { env: { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" } },
  "another time zone": { env: { TZ: "Pacific/Kiritimati" } },
  "a long path with spaces and signs": { home: `deep/${"x".repeat(80)}/a home, with é and $` },
};

describe("one lock", () => {
  it("gives the same trees, links and lock on every machine", async () => {
    using at = place();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({
      app: { version: "1.0.0", dependencies: ["kit"], files: { "i.txt": "İıIi" } },
      kit: { version: "1.0.0" },
    });
    at.write("project/.git/HEAD", "");
    await at.ok(["marketplace", "add", market.url], { home: "author" });
    await at.ok(["add", "app@acme", "--scope", "project"], { home: "author", cwd: "project" });
    const seen = new Map<string, string>();
    for (const [name, { umask, env, home = name }] of Object.entries(MACHINES)) {
      const before = process.umask(umask ?? 0o022);
      try {
        await at.ok(["sync", "--frozen"], { home, cwd: "project", env });
      } finally {
        process.umask(before);
      }
      const made = fileDigests(at.path(home), (path) => /^(?:store(?:\/trees.*)?|cache|cache\/plugins.*)$/u.test(path));
      expect(Object.keys(made).length).toBeGreaterThan(4);
      seen.set(name, JSON.stringify(made, null, 1));
    }
    for (const [name, made] of seen) expect(`${name} ${made}`).toBe(`${name} ${seen.get("plain")}`);
  });
});
