import { describe, expect, it } from "vitest";

import {
  type Cause,
  type Explanation,
  explanationText,
  solve,
  type SolveRequest,
  type VersionProvider,
} from "../../../marketplace/solve/index.ts";
import { CodedError } from "../../../schemas/errors.ts";
import { type Problem, registryProvider, requestOf } from "./registry.ts";

const INTENT = { file: "plugins.json", line: 3, column: 5 };

async function failure(
  provider: VersionProvider,
  request: Omit<SolveRequest, "mode"> & Partial<SolveRequest>,
): Promise<Explanation> {
  const outcome = await solve({ mode: "newest", ...request }, provider);
  if (outcome.kind === "solution") throw new Error("there is an answer");
  return outcome.explanation;
}

function ofProblem(problem: Problem): Promise<Explanation> {
  return failure(registryProvider(problem.registry), requestOf(problem));
}

/** One package with one version that one cause bars. */
async function barred(blocked: Cause): Promise<string> {
  const provider: VersionProvider = { versions: () => [{ version: "1.0.0", blocked }], requirements: () => [] };
  return explanationText(await failure(provider, { root: [{ id: "a@m", range: "*", where: INTENT }] }));
}

describe("an explanation", () => {
  it("names every fact with the place where it is written", async () => {
    const provider: VersionProvider = {
      versions: (id) => (id === "b@m" ? [{ version: "1.0.0" }] : [{ version: "2.1.0" }]),
      requirements: (id) =>
        id === "a@m" ? [{ id: "b@m", range: "^2.0.0", where: { file: "a/plugin.json", line: 12, column: 21 } }] : [],
    };
    const { lines, packages } = await failure(provider, { root: [{ id: "a@m", range: "^2", where: INTENT }] });
    expect(lines).toEqual([
      {
        text:
          "because every version of `a@m` depends on `b@m ^2.0.0` (a/plugin.json:12:21) and " +
          "no version of `b@m` matches `^2.0.0` (the highest is `1.0.0`), no version of `a@m` can be chosen",
        where: [{ file: "a/plugin.json", line: 12, column: 21 }],
      },
      { text: "so, because you require `a@m ^2` (plugins.json:3:5), no set of versions fits", where: [INTENT] },
    ]);
    expect(packages).toEqual(["a@m", "b@m"]);
  });

  it("numbers a line that a later one needs", async () => {
    const { lines } = await ofProblem({
      registry: {
        a: { "1.0.0": { requires: { b: "^1", c: "^1" } }, "1.1.0": { requires: { d: "^1", e: "^1" } } },
        b: { "1.0.0": { requires: { c: "^2" } } },
        c: { "1.0.0": {}, "2.0.0": {} },
        d: { "1.0.0": { requires: { e: "^2" } } },
        e: { "1.0.0": {}, "2.0.0": {} },
      },
      root: { a: "^1" },
    });
    expect(explanationText({ lines })).toBe(
      [
        "    because every version of `b` depends on `c ^2` and `a 1.0.0` depends on `b ^1`, `a 1.0.0` requires `c ^2`",
        "(1) so, because `a 1.0.0` depends on `c ^1`, `a 1.0.0` cannot be chosen",
        "    because every version of `d` depends on `e ^2` and `a 1.1.0` depends on `d ^1`, `a 1.1.0` requires `e ^2`",
        "    and because `a 1.1.0` depends on `e ^1`, `a 1.1.0` cannot be chosen",
        "    and because `a 1.0.0` cannot be chosen (1), no version of `a` can be chosen",
        "    so, because you require `a ^1`, no set of versions fits",
      ].join("\n"),
    );
  });

  it.each<[Cause, string]>([
    [
      { kind: "policy", notice: "policy forbids it", where: { file: "/etc/plugsmith/policy.json", line: 4 } },
      "`1.0.0`: policy forbids it (/etc/plugsmith/policy.json:4)",
    ],
    [{ kind: "engine", notice: "it needs plugsmith `>=9`" }, "`1.0.0`: it needs plugsmith `>=9`"],
    [
      { kind: "source", notice: "its source kind `zip` is not supported" },
      "`1.0.0`: its source kind `zip` is not supported",
    ],
  ])("names what bars a version: %o", async (blocked, words) => {
    expect(await barred(blocked)).toBe(
      `because no version of \`a@m\` may be chosen (${words}) and you require \`a@m *\` (plugins.json:3:5), no set of versions fits`.replace(
        " *`",
        "`",
      ),
    );
  });

  it("names why a version was withdrawn", async () => {
    const provider: VersionProvider = {
      versions: () => [{ version: "1.0.0", yanked: "loses data" }],
      requirements: () => [],
    };
    const { lines, causes } = await failure(provider, { root: [{ id: "a", range: "^1" }] });
    expect(explanationText({ lines })).toContain("(`1.0.0`: withdrawn: loses data)");
    expect(causes).toEqual([{ kind: "yanked", notice: "withdrawn: loses data" }]);
  });

  it("names why a package is absent, and hands over the hint and the code", async () => {
    const cause: Cause = {
      kind: "missing",
      notice: "the marketplace `shared` was not added",
      hint: "run `plugin marketplace add …`",
      code: "E_MARKETPLACE_UNKNOWN",
    };
    const provider: VersionProvider = { versions: () => [], requirements: () => [], absence: () => cause };
    const { lines, causes } = await failure(provider, { root: [{ id: "audit@shared", range: "*" }] });
    expect(explanationText({ lines })).toBe("`audit@shared` is not available: the marketplace `shared` was not added");
    expect(causes).toEqual([cause]);
  });

  it("names a refused edge", async () => {
    const refused: Cause = {
      kind: "cross-marketplace",
      notice: "`one` does not list `two` in `allowCrossMarketplaceDependenciesOn`",
      where: { file: "marketplace.json", line: 2 },
    };
    const provider: VersionProvider = {
      versions: () => [{ version: "1.0.0" }],
      requirements: (id) =>
        id === "a@one" ? [{ id: "b@two", range: "^1", where: { file: "plugin.json", line: 7 }, refused }] : [],
    };
    const { lines, packages } = await failure(provider, { root: [{ id: "a@one", range: "*" }] });
    expect(explanationText({ lines })).toBe(
      "because every version of `a@one` depends on `b@two ^1` (plugin.json:7), which is not possible: " +
        "`one` does not list `two` in `allowCrossMarketplaceDependenciesOn` (marketplace.json:2) and you require `a@one`, no set of versions fits",
    );
    expect(packages).toEqual(["a@one", "b@two"]);
  });

  it("names a requirement of the request that is refused", async () => {
    const refused: Cause = { kind: "policy", notice: "policy blocks `evil`", hint: "ask your administrator" };
    const provider: VersionProvider = { versions: () => [{ version: "1.0.0" }], requirements: () => [] };
    const { lines, packages, causes } = await failure(provider, {
      root: [{ id: "a@evil", range: "^1", refused, where: INTENT }],
    });
    expect(lines).toEqual([
      {
        text: "you require `a@evil ^1` (plugins.json:3:5), which is not possible: policy blocks `evil`",
        where: [INTENT],
      },
    ]);
    expect([packages, causes]).toEqual([["a@evil"], [refused]]);
  });

  it.each([
    ["latest", "`latest` is not a version range", "E_RANGE"],
    ["1".repeat(60_000), "a version range of 60000 characters is longer than 256", "E_LIMIT_RANGE"],
  ])("names a plugin's requirement that is not a range", async (range, words, code) => {
    const provider: VersionProvider = {
      versions: () => [{ version: "1.0.0" }],
      requirements: (id) => (id === "a" ? [{ id: "b", range }] : []),
    };
    const { lines, causes } = await failure(provider, { root: [{ id: "a", range: "*" }] });
    expect(explanationText({ lines })).toContain(words);
    expect(explanationText({ lines }).length).toBeLessThan(400);
    expect(causes.map((cause) => [cause.kind, cause.code])).toEqual([["invalid-range", code]]);
  });
});

describe("a remedy", () => {
  it("relaxes the range that is in the way, with a command", async () => {
    const { remedies } = await ofProblem({
      registry: {
        app: { "1.0.0": { requires: { ui: "^2" } } },
        ui: { "1.0.0": {}, "2.0.0": {}, "2.3.0": {} },
      },
      root: { app: "*", ui: "^1" },
    });
    expect(remedies).toEqual([
      { text: "relax `ui` from `^1` to `^2.3.0`", command: "plugin add 'ui@^2.3.0'" },
      { text: "do without `app`", command: "plugin remove app" },
      { text: "do without `ui`", command: "plugin remove ui" },
    ]);
  });

  it("removes several when no single change helps", async () => {
    const { remedies } = await ofProblem({ registry: {}, root: { a: "*", b: "*", c: "*" } });
    expect(remedies).toEqual([{ text: "do without `a`, `b`, `c`", command: "plugin remove a b c" }]);
  });

  it("is left out when something new cannot be listed for it", async () => {
    const provider: VersionProvider = {
      versions: (id) => {
        if (id === "far") return Promise.reject(new CodedError("E_NETWORK", "the server is down"));
        return [{ version: "1.0.0" }, { version: "2.0.0" }];
      },
      requirements: (id, version) => (id === "a" && version === "2.0.0" ? [{ id: "far", range: "*" }] : []),
    };
    const { lines, remedies } = await failure(provider, { root: [{ id: "a", range: "^3" }] });
    expect(explanationText({ lines })).toContain("no version of `a` matches `^3`");
    expect(remedies).toEqual([{ text: "do without `a`", command: "plugin remove a" }]);
  });

  it("says what would move without the lock", async () => {
    const { remedies } = await ofProblem({
      registry: { a: { "1.0.0": {}, "2.0.0": { requires: { b: "*" } } }, b: { "1.0.0": {} } },
      root: { a: "^2" },
      locked: { a: "1.0.0" },
      mode: "locked",
    });
    expect(remedies[0]).toEqual({
      text: "solve again without `--frozen`: move `a` from `1.0.0` to `2.0.0`, add `b 1.0.0`",
      command: "plugin sync",
    });
  });
});
