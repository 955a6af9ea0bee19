import { describe, expect, it } from "vitest";

import {
  type Candidate,
  explanationText,
  type Requirement,
  solve,
  type SolveOutcome,
  type SolveRequest,
  type VersionProvider,
} from "../../../marketplace/solve/index.ts";

/** A provider over plain lists that writes down what it is asked. */
function recording(
  candidates: Readonly<Record<string, readonly Candidate[]>>,
  requirements: Readonly<Record<string, readonly Requirement[]>> = {},
): VersionProvider & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  return {
    asked,
    versions: (id) => {
      asked.push(`versions ${id}`);
      return candidates[id] ?? [];
    },
    requirements: (id, version) => {
      asked.push(`requirements ${id} ${version}`);
      return requirements[`${id} ${version}`] ?? [];
    },
    prefetch: (ids) => {
      asked.push(`prefetch ${ids.join(" ")}`);
    },
  };
}

function ask(
  provider: VersionProvider,
  root: Readonly<Record<string, string>>,
  extra: Partial<SolveRequest> = {},
): Promise<SolveOutcome> {
  return solve(
    { root: Object.entries(root).map(([id, range]) => ({ id, range })), mode: "newest", ...extra },
    provider,
  );
}

function answer(outcome: SolveOutcome): readonly string[] {
  if (outcome.kind === "unsatisfiable") return [explanationText(outcome.explanation)];
  return [...outcome.versions].map((pair) => pair.join(" "));
}

describe("the provider", () => {
  it("is told all newly met packages at once before any of them is listed", async () => {
    const one = [{ version: "1.0.0" }];
    const provider = recording(
      { a: one, b: one, c: one, d: one },
      {
        "a 1.0.0": [
          { id: "d", range: "*" },
          { id: "c", range: "*" },
        ],
      },
    );
    expect(answer(await ask(provider, { b: "*", a: "*" }))).toEqual(["a 1.0.0", "b 1.0.0", "c 1.0.0", "d 1.0.0"]);
    expect(provider.asked.filter((question) => !question.startsWith("requirements"))).toEqual([
      "prefetch a b",
      "versions a",
      "versions b",
      "prefetch c d",
      "versions c",
      "versions d",
    ]);
  });

  it("is asked nothing twice, not even for remedies", async () => {
    const provider = recording(
      { a: [{ version: "1.0.0" }, { version: "2.0.0" }], b: [{ version: "1.0.0" }] },
      { "a 1.0.0": [{ id: "b", range: "^2" }], "a 2.0.0": [{ id: "b", range: "^1" }] },
    );
    const outcome = await ask(provider, { a: "^1" });
    expect(outcome.kind === "unsatisfiable" && outcome.explanation.remedies[0]?.text).toBe(
      "relax `a` from `^1` to `^2.0.0`",
    );
    expect(new Set(provider.asked).size).toBe(provider.asked.length);
  });

  it("is asked only for the requirements of versions that are tried", async () => {
    const versions = ["1.0.0", "1.1.0", "1.2.0"].map((version) => ({ version }));
    const provider = recording({ a: versions });
    await ask(provider, { a: "*" });
    expect(provider.asked.filter((question) => question.startsWith("requirements"))).toEqual(["requirements a 1.2.0"]);
  });

  it("passes its own failures on", async () => {
    const broken: VersionProvider = {
      versions: () => Promise.reject(new Error("the repository is gone")),
      requirements: () => [],
    };
    await expect(ask(broken, { a: "*" })).rejects.toThrow("the repository is gone");
  });
});

describe("a candidate without version", () => {
  const commit = { version: "c0ffee", unversioned: true };

  it("is chosen for `*`", async () => {
    expect(answer(await ask(recording({ a: [commit] }), { a: "*" }))).toEqual(["a c0ffee"]);
  });

  it("is chosen after every version that has an order", async () => {
    const provider = recording({ a: [commit, { version: "0.1.0" }] });
    expect(answer(await ask(provider, { a: "*" }))).toEqual(["a 0.1.0"]);
    expect(answer(await ask(provider, { a: "*" }, { mode: "oldest" }))).toEqual(["a 0.1.0"]);
  });

  it("is kept when it is locked", async () => {
    const provider = recording({ a: [commit, { version: "0.1.0" }] });
    expect(answer(await ask(provider, { a: "*" }, { locked: new Map([["a", "c0ffee"]]) }))).toEqual(["a c0ffee"]);
  });

  it("satisfies no range", async () => {
    const [text = ""] = answer(await ask(recording({ a: [commit] }), { a: ">=0.0.0" }));
    expect(text).toBe(
      "because no version of `a` matches `>=0.0.0` (it has only `c0ffee`, which is not a semantic version) and you require `a >=0.0.0`, no set of versions fits",
    );
  });

  it("is what a version text of any other form is as well", async () => {
    expect(answer(await ask(recording({ a: [{ version: "2024-spring" }] }), { a: "*" }))).toEqual(["a 2024-spring"]);
  });

  it("has requirements of its own", async () => {
    const provider = recording(
      { a: [commit, { version: "1.0.0" }], b: [{ version: "1.0.0" }] },
      { "a c0ffee": [{ id: "b", range: "^1" }], "a 1.0.0": [{ id: "b", range: "^2" }] },
    );
    expect(answer(await ask(provider, { a: "*" }))).toEqual(["a c0ffee", "b 1.0.0"]);
  });
});

describe("what may not be chosen", () => {
  it("is passed over when something else fits", async () => {
    const blocked = { kind: "policy", notice: "policy forbids it" } as const;
    const provider = recording({ a: [{ version: "2.0.0", blocked }, { version: "1.0.0" }] });
    expect(answer(await ask(provider, { a: "*" }))).toEqual(["a 1.0.0"]);
  });

  it("is passed over with an edge that is refused, and what it needs is not listed", async () => {
    const refused = { kind: "cross-marketplace", notice: "`one` does not allow `two`" } as const;
    const provider = recording(
      { "a@one": [{ version: "2.0.0" }, { version: "1.0.0" }], "b@two": [{ version: "1.0.0" }] },
      {
        "a@one 2.0.0": [
          { id: "b@two", range: "*", refused },
          { id: "c@one", range: "*" },
        ],
      },
    );
    expect(answer(await ask(provider, { "a@one": "*" }))).toEqual(["a@one 1.0.0"]);
    expect(provider.asked.join()).not.toMatch(/b@two|c@one/u);
  });

  it("is passed over with a requirement whose range is not one", async () => {
    const provider = recording(
      { a: [{ version: "2.0.0" }, { version: "1.0.0" }] },
      { "a 2.0.0": [{ id: "b", range: "latest" }] },
    );
    expect(answer(await ask(provider, { a: "*" }))).toEqual(["a 1.0.0"]);
  });
});
