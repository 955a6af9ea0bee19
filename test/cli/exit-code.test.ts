import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../cli/exit-code.ts";
import { CodedError, ERROR_CODES, type ErrorCode } from "../../schemas/errors.ts";

const SPECIAL: Readonly<Partial<Record<ErrorCode, number>>> = {
  E_USAGE: 2,
  E_SOURCE_BLOCKED: 3,
  E_SOURCE_REPLACED: 3,
  E_POLICY_INVALID: 3,
  E_TRUST: 3,
  E_UNSATISFIABLE: 4,
  E_INTERRUPTED: 130,
};

describe("exit codes", () => {
  it("are 1 for every error code without a meaning of its own", () => {
    // Keys of a literal object.
    const codes = Object.keys(ERROR_CODES) as ErrorCode[];
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect([code, exitCodeOf(new CodedError(code, "x"))]).toEqual([code, SPECIAL[code] ?? 1]);
  });

  it("call an aborted operation interrupted", () => {
    const controller = new AbortController();
    controller.abort();
    expect(exitCodeOf(controller.signal.reason)).toBe(130);
  });

  it("put refusal before unsatisfiable before failure", () => {
    const of = (...codes: ErrorCode[]): number =>
      exitCodeOf(new AggregateError(codes.map((code) => new CodedError(code, "x"))));
    expect(of("E_IO", "E_UNSATISFIABLE", "E_TRUST")).toBe(3);
    expect(of("E_IO", "E_UNSATISFIABLE")).toBe(4);
    expect(of("E_IO", "E_USAGE")).toBe(2);
    expect(of("E_IO")).toBe(1);
  });

  it("are 1 for anything else", () => {
    expect(exitCodeOf(new Error("x"))).toBe(1);
    expect(exitCodeOf("x")).toBe(1);
  });
});
