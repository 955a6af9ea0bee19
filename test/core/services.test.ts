import { describe, expect, it } from "vitest";
import { openAudit } from "../../core/audit/index.ts";
import { checkLoad } from "../../core/load/check-load.ts";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import { holdHome } from "../../core/platform/home-mutex.ts";
import { openConsentStore } from "../../core/trust/consent-store.ts";
import { homeAt } from "../../marketplace/home.ts";
import type { Services } from "../../marketplace/services.ts";
import { temporaryHome } from "../support/temporary-home.ts";

type FromCore = Pick<Services, "openTree" | "audit" | "exclusively" | "checkLoad"> & {
  readonly consent: Omit<Services["consent"], "ask" | "givenBy">;
};

describe("what core hands to the marketplace", () => {
  it("has the shapes that the marketplace asks for, and works on one home", async () => {
    using directory = temporaryHome();
    const home = homeAt(directory.directory);
    const now = (): Date => new Date("2026-03-01T12:00:00Z");
    const { signal } = new AbortController();
    const services: FromCore = {
      openTree: openDirectoryTree,
      audit: openAudit(home.audit, now),
      consent: openConsentStore(`${home.state}/consent.json`, now),
      exclusively: holdHome(home.mutex, { deadlineMs: 1000, signal }),
      checkLoad: (candidates) => checkLoad(candidates, { version: "1.0.0", searchPath: "", isInstalled: () => false }),
    };
    await services.exclusively(() => {
      services.consent.record([
        { id: "a@m", version: "1.0.0", closure: "sha256-a", tree: "sha256-t", executables: [], origin: "m" },
      ]);
      services.audit.append({ action: "add", subject: "a@m", outcome: "done" });
    });
    expect(services.consent.has("a@m", "sha256-a")).toBe(true);
    expect(services.audit.heads()).toHaveLength(1);
    expect(services.checkLoad([])).toEqual([]);
    expect(
      services
        .openTree(directory.directory)
        .list("")
        ?.map(({ name }) => name),
    ).toEqual(["audit", "state"]);
  });
});
