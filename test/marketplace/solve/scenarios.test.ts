import { describe, expect, it } from "vitest";

import { explanationText, solve } from "../../../marketplace/solve/index.ts";
import { registryProvider, requestOf } from "./registry.ts";
import { registryOf, SCENARIOS } from "./scenario-table.ts";

describe("the solver decides", () => {
  it.each(SCENARIOS)("$name", async (scenario) => {
    const { root, locked = {}, installed = {}, overrides = {}, mode = "newest" } = scenario;
    const registry = registryOf(scenario);
    const request = {
      ...requestOf({ registry, root, locked, overrides, mode }),
      installed: new Map(Object.entries(installed)),
    };
    const outcome = await solve(request, registryProvider(registry));
    if (outcome.kind === "solution") {
      expect([...outcome.versions].map((pair) => pair.join(" "))).toEqual(scenario.answer);
      expect(outcome.cycles).toEqual(scenario.cycles ?? []);
      return;
    }
    const text = explanationText(outcome.explanation);
    expect(scenario.answer === undefined ? "no answer" : text).toBe("no answer");
    expect(scenario.says?.length).toBeGreaterThan(0);
    for (const literal of scenario.says ?? []) expect(text).toContain(literal);
    for (const id of scenario.silent ?? []) expect(text).not.toContain(`\`${id}`);
    for (const id of scenario.silent ?? []) expect(outcome.explanation.packages).not.toContain(id);
  });
});
