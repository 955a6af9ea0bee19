import { rmSync } from "node:fs";
import { expect, it } from "vitest";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

it("a catalog that was lost hinders no other marketplace and is mended by a refresh", async () => {
  using at = placeHere();
  const broken = taggedMarket("broken", at.path("broken.git"));
  broken.release({ kit: { version: "1.0.0" } });
  const whole = taggedMarket("whole", at.path("whole.git"));
  whole.release({ tool: { version: "1.0.0" } });
  for (const { url } of [broken, whole]) await at.ok(["marketplace", "add", url]);
  rmSync(at.path("home/marketplaces/broken"), { recursive: true });
  expect(await at.ok(["add", "tool"])).toContain("the stored catalog of `broken` is missing");
  expect(await at.ok(["search"])).toContain("tool@whole");
  expect(await at.fails(1, ["add", "kit"])).toContain("E_PLUGIN_UNKNOWN");
  expect(at.holds("user")).toEqual(["tool@whole 1.0.0"]);
  await at.ok(["marketplace", "update", "broken"]);
  await at.ok(["add", "kit"]);
  rmSync(at.path("home/marketplaces/broken"), { recursive: true });
  await at.ok(["add", "kit@broken"]);
  expect(at.holds("user")).toEqual(["kit@broken 1.0.0", "tool@whole 1.0.0"]);
});
