import { describe, expect, it } from "vitest";
import { changeOf, readAnswer, readOrder } from "../../../cli/ui/change-order.ts";

const ORDER = { verb: "add", ids: ["a@m"], scope: "user" };

describe("what a page sends", () => {
  it("becomes a change", () => {
    expect(changeOf(readOrder(ORDER))).toEqual({ verb: "add", requests: [{ kind: "named", name: "a", market: "m" }] });
    expect(changeOf(readOrder({ ...ORDER, verb: "update", ids: [] }))).toEqual({ verb: "update", ids: [] });
    expect(changeOf(readOrder({ ...ORDER, verb: "remove" }))).toEqual({
      verb: "remove",
      ids: ["a@m"],
      keepData: false,
    });
    expect(changeOf(readOrder({ ...ORDER, verb: "rollback", ids: [], to: 3 }))).toEqual({ verb: "rollback", to: 3 });
  });

  it.each([
    undefined,
    null,
    [],
    "add",
    {},
    { ...ORDER, verb: "sync" },
    { ...ORDER, verb: "constructor" },
    { ...ORDER, scope: "root" },
    { ...ORDER, ids: "a@m" },
    { ...ORDER, ids: [] },
    { ...ORDER, ids: ["a"] },
    { ...ORDER, ids: ["../../etc@m"] },
    { ...ORDER, ids: ["/tmp/x"] },
    { ...ORDER, ids: [7] },
    { ...ORDER, verb: "rollback", ids: [], to: "3" },
    { ...ORDER, verb: "rollback", ids: [], to: 0.5 },
  ])("is refused when it is no order: %j", (value) => {
    expect(() => readOrder(value)).toThrow(expect.objectContaining({ code: "E_USAGE" }));
  });

  it.each([undefined, {}, { question: "q" }, { question: "q", yes: "true" }, { question: 1, yes: true }])(
    "is refused when it is no answer: %j",
    (value) => {
      expect(() => readAnswer(value)).toThrow(expect.objectContaining({ code: "E_USAGE" }));
    },
  );
});
