import { describe, expect, it } from "vitest";

import { solve, type SolveRequest } from "../../../marketplace/solve/index.ts";
import { type CodedError, isCodedError } from "../../../schemas/errors.ts";
import { type Problem, type Registry, registryProvider, requestOf } from "./registry.ts";

/** `p0` → `p1` → … */
function chain(length: number): Problem {
  const registry: Record<string, Registry[string]> = {};
  for (let place = 0; place < length; place++) {
    registry[`p${place}`] = { "1.0.0": place + 1 < length ? { requires: { [`p${place + 1}`]: "^1.0.0" } } : {} };
  }
  return { registry, root: { p0: "*" } };
}

/** One bundle that needs all the others. */
function bundle(size: number): Problem {
  const names = Array.from({ length: size - 1 }, (_, place) => `p${place}`);
  const registry: Registry = {
    ...Object.fromEntries(names.map((name) => [name, { "1.0.0": {} }])),
    bundle: { "1.0.0": { requires: Object.fromEntries(names.map((name) => [name, "^1.0.0"])) } },
  };
  return { registry, root: { bundle: "*" } };
}

/** More packages than versions, and no two may have the same one: every order of trying has to fail. */
function pigeonholes(packages: number, versions: number): Problem {
  const names = Array.from({ length: packages }, (_, place) => `p${place}`);
  const registry = Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(
        Array.from({ length: versions }, (_, major) => {
          const others = names.filter((other) => other !== name);
          const apart = others.map((other) => [other, `<${major}.0.0 || >${major}.0.0`]);
          return [`${major}.0.0`, { requires: Object.fromEntries(apart) }];
        }),
      ),
    ]),
  );
  return { registry, root: Object.fromEntries(names.map((name) => [name, "*"])) };
}

function run(problem: Problem, extra: Partial<SolveRequest> = {}): ReturnType<typeof solve> {
  return solve({ ...requestOf(problem), ...extra }, registryProvider(problem.registry));
}

async function refusal(work: Promise<unknown>): Promise<CodedError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isCodedError(error)) throw new Error("the solver did not refuse", { cause: error });
  return error;
}

describe("the limits of the solver", () => {
  it.each([60, 64])("a chain of %i packages is solved (RS01)", async (length) => {
    expect(await run(chain(length))).toMatchObject({ kind: "solution" });
  });

  it("a graph of 5,000 packages is solved (RS01)", async () => {
    const outcome = await run(bundle(5_000));
    expect(outcome.kind === "solution" && outcome.versions.size).toBe(5_000);
  });

  it("a chain of 65 packages is refused with its path (RS02)", async () => {
    const error = await refusal(run(chain(65)));
    expect(error.code).toBe("E_RESOLVE_LIMIT");
    expect(error.message).toContain("longer than 64, at `p0` → `p1`");
    expect(error.message).toContain("`p64`");
    expect(error.data["path"]).toHaveLength(65);
  });

  it("a chain that never ends is refused", async () => {
    const endless = solve(
      { root: [{ id: "p0", range: "*" }], mode: "newest" },
      {
        versions: () => [{ version: "1.0.0" }],
        requirements: (id) => [{ id: `p${Number(id.slice(1)) + 1}`, range: "*" }],
      },
    );
    expect((await refusal(endless)).code).toBe("E_RESOLVE_LIMIT");
  });

  it("a long way round does not count when there is a short one", async () => {
    const { registry } = chain(64);
    const shortcut: Registry = { ...registry, p63: { "1.0.0": { requires: { end: "*" } } }, end: { "1.0.0": {} } };
    expect(await run({ registry: shortcut, root: { p0: "*", p63: "*" } })).toMatchObject({ kind: "solution" });
  });

  it("a graph of 5,001 packages is refused with a path (RS02)", async () => {
    const error = await refusal(run(bundle(5_001)));
    expect([error.code, error.data["nodes"]]).toEqual(["E_RESOLVE_LIMIT", 5_000]);
    expect(error.data["path"]).toEqual(["bundle", expect.any(String)]);
  });

  it("forty packages that exclude each other end in a refusal that shows a conflict (RS03)", async () => {
    const error = await refusal(run(pigeonholes(40, 10), { limits: { steps: 2_000 } }));
    expect(error.code).toBe("E_RESOLVE_LIMIT");
    expect(error.message).toMatch(/most are about `p\d+`, `p\d+`, `p\d+`, and the first taught:\nbecause .*`p\d+ /u);
    expect(error.message.split("\n").length).toBeLessThan(7);
  });

  it("time is a limit of its own", async () => {
    const error = await refusal(run(pigeonholes(40, 10), { limits: { timeMs: 30 } }));
    expect([error.code, error.data["timeMs"]]).toEqual(["E_RESOLVE_LIMIT", 30]);
  });

  it("waiting for the provider does not count as time", async () => {
    const { registry } = chain(3);
    const provider = registryProvider(registry);
    const slow = {
      versions: async (id: string) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return provider.versions(id);
      },
      requirements: provider.requirements,
    };
    const request: SolveRequest = { root: [{ id: "p0", range: "*" }], mode: "newest", limits: { timeMs: 25 } };
    expect(await solve(request, slow)).toMatchObject({ kind: "solution" });
  });

  it("a package of 5,001 versions is refused", async () => {
    const versions = Object.fromEntries(Array.from({ length: 5_001 }, (_, minor) => [`1.${minor}.0`, {}]));
    const error = await refusal(run({ registry: { a: versions }, root: { a: "*" } }));
    expect(error.code).toBe("E_RESOLVE_LIMIT");
    expect(error.message).toContain("`a` has 5001 versions");
  });

  it("an abort ends a search that is under way", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    await expect(run(pigeonholes(40, 10), { signal: controller.signal })).rejects.toBe(reason);
  });

  it("an aborted signal ends it before anything is asked", async () => {
    const reason = new Error("enough");
    await expect(run(chain(2), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("a range of the request that is not one is refused with its code", async () => {
    expect((await refusal(run({ registry: {}, root: { a: "latest" } }))).code).toBe("E_RANGE");
    expect((await refusal(run({ registry: {}, root: { a: "1".repeat(300) } }))).code).toBe("E_LIMIT_RANGE");
  });
});
