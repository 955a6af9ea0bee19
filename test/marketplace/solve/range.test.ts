import fc from "fast-check";
import semver from "semver";
import { describe, expect, it } from "vitest";

import { parsePoint, parseRange } from "../../../marketplace/solve/range.ts";
import {
  ALL_VERSIONS,
  areDisjoint,
  areEqual,
  complement,
  difference,
  hasVersion,
  intersect,
  isWithin,
  NO_VERSIONS,
  onlyVersion,
  union,
  type Version,
  type VersionSet,
} from "../../../marketplace/solve/version-set.ts";
import { isCodedError } from "../../../schemas/errors.ts";

const RUNS = { numRuns: 2_000 };

const number = fc.integer({ min: 0, max: 3 });
const identifier = fc.constantFrom("0", "1", "2", "10", "a", "b", "beta", "a-b", "rc");
const prerelease = fc.array(identifier, { minLength: 1, maxLength: 3 }).map((parts) => `-${parts.join(".")}`);
const versionText = fc
  .tuple(number, number, number, fc.option(prerelease, { nil: "" }), fc.constantFrom("", "", "+build.1"))
  .map(([major, minor, patch, pre, build]) => `${major}.${minor}.${patch}${pre}${build}`);
const partialText = fc.oneof(
  versionText,
  number.map(String),
  fc.tuple(number, number).map((parts) => parts.join(".")),
  fc.tuple(number, fc.constantFrom("x", "X", "*")).map((parts) => parts.join(".")),
  fc.constantFrom("*", "x", ""),
);
const operator = fc.constantFrom("", "=", ">", ">=", "<", "<=", "^", "~", "~>", "v");
const simple = fc.tuple(operator, partialText).map(([sign, version]) => `${sign}${version}`);
const hyphen = fc.tuple(partialText, partialText).map(([from, to]) => `${from || "1"} - ${to || "2"}`);
const alternative = fc.oneof(
  { weight: 5, arbitrary: fc.array(simple, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(" ")) },
  { weight: 1, arbitrary: hyphen },
);
const rangeText = fc
  .array(alternative, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(" || "))
  .filter((text) => semver.validRange(text) !== null);

function at(text: string): Version {
  const point = parsePoint(text);
  return point === undefined ? { kind: "unversioned", name: text } : { kind: "semver", point };
}

function setOf(text: string): VersionSet {
  return parseRange(text).set;
}

function codeOf(text: string): string {
  try {
    parseRange(text);
    return "none";
  } catch (error) {
    return isCodedError(error) ? error.code : "other";
  }
}

describe("a range", () => {
  it("holds exactly the versions that node-semver's `satisfies` accepts", () => {
    fc.assert(
      fc.property(rangeText, fc.array(versionText, { minLength: 1, maxLength: 8 }), (range, versions) => {
        const set = setOf(range);
        for (const version of versions) {
          expect([range, version, hasVersion(set, at(version))]).toEqual([
            range,
            version,
            semver.satisfies(version, range),
          ]);
        }
      }),
      RUNS,
    );
  });

  it("decides like node-semver right at and beside its own ends", () => {
    const ends = [
      "1.2.3",
      "1.2.3-0",
      "1.2.3-a",
      "1.2.3-a.0",
      "1.2.4-0",
      "1.2.2",
      "1.2.4",
      "0.0.0",
      "0.0.0-0",
      "0.0.1-0",
    ];
    for (const sign of ["", "=", ">", ">=", "<", "<=", "^", "~"]) {
      for (const end of ends) {
        for (const version of ends) {
          const range = `${sign}${end}`;
          const found = [range, version, hasVersion(setOf(range), at(version))];
          expect(found).toEqual([range, version, semver.satisfies(version, range)]);
        }
      }
    }
  });

  it("compares numbers beyond the safe integers as node-semver does", () => {
    const digits = ["9007199254740991", "9007199254740992", "99999999999999999999", "100000000000000000000"];
    const versions = digits.map((digit) => `1.0.0-${digit}`);
    for (const left of versions) {
      for (const right of versions) {
        expect(hasVersion(setOf(`>=${left}`), at(right))).toBe(semver.satisfies(right, `>=${left}`));
      }
    }
    const last = `${Number.MAX_SAFE_INTEGER}.0.${Number.MAX_SAFE_INTEGER}`;
    expect(hasVersion(setOf(last), at(last))).toBe(true);
    expect(hasVersion(setOf(`>${last}`), at(last))).toBe(false);
  });

  it.each([
    ["*", true],
    ["", true],
    ["x", true],
    ["^1.0.0 || *", true],
    [">=0.0.0", false],
    ["^1.0.0", false],
    [">=0.0.0-0", false],
  ])("`%s` admits a version without order: %s", (range, isAdmitted) => {
    expect(hasVersion(setOf(range), at("c0ffee"))).toBe(isAdmitted);
  });

  it.each([
    ["1.2.3", true],
    ["=1.2.3", true],
    [" = v1.2.3 ", true],
    ["1.2.3-beta", true],
    ["1.2", false],
    ["^1.2.3", false],
    ["1.2.3 || 1.2.4", false],
    ["*", false],
  ])("`%s` pins one version: %s", (range, isPin) => {
    expect(parseRange(range).pin !== undefined).toBe(isPin);
  });

  it.each(["latest", "^", "1.2.3.4", ">=1 <", "not a range", "^1.0.0 || next", "01.2.3"])(
    "`%s` is refused with E_RANGE",
    (range) => {
      expect(codeOf(range)).toBe("E_RANGE");
    },
  );

  it.each([
    ["a chain of alternatives", Array.from({ length: 20_000 }, () => "1").join("||")],
    ["many spaces", `>=1.0.0${" ".repeat(50_000)}<2.0.0`],
    ["leading zeros", `${"0".repeat(100_000)}1.0.0`],
    ["257 characters", "1".padEnd(257)],
  ])("%s is refused by its length before it is parsed (RS04)", (_name, range) => {
    expect(codeOf(range)).toBe("E_LIMIT_RANGE");
  });

  it("of 256 characters is read", () => {
    expect(codeOf("^1.0.0".padEnd(256))).toBe("none");
  });
});

describe("a set of versions", () => {
  const sample = fc.array(versionText, { minLength: 6, maxLength: 12 });

  it("follows the laws of set algebra", () => {
    fc.assert(
      fc.property(rangeText, rangeText, sample, (left, right, versions) => {
        const [a, b] = [setOf(left), setOf(right)];
        for (const version of [...versions.map(at), at("some-commit")]) {
          const [inA, inB] = [hasVersion(a, version), hasVersion(b, version)];
          expect(hasVersion(intersect(a, b), version)).toBe(inA && inB);
          expect(hasVersion(union(a, b), version)).toBe(inA || inB);
          expect(hasVersion(complement(a), version)).toBe(!inA);
          expect(hasVersion(difference(a, b), version)).toBe(inA && !inB);
        }
      }),
      RUNS,
    );
  });

  it("has one form: equal members are equal sets", () => {
    fc.assert(
      fc.property(rangeText, rangeText, (left, right) => {
        const [a, b] = [setOf(left), setOf(right)];
        expect(complement(complement(a))).toEqual(a);
        expect(union(a, complement(a))).toEqual(ALL_VERSIONS);
        expect(intersect(a, complement(a))).toEqual(NO_VERSIONS);
        expect(union(difference(a, b), intersect(a, b))).toEqual(a);
        expect(intersect(a, b)).toEqual(intersect(b, a));
        expect(areEqual(union(a, b), union(b, a))).toBe(true);
      }),
      RUNS,
    );
  });

  it("tells subset and disjointness as its algebra does", () => {
    fc.assert(
      fc.property(rangeText, rangeText, (left, right) => {
        const [a, b] = [setOf(left), setOf(right)];
        expect(isWithin(a, b)).toBe(areEqual(difference(a, b), NO_VERSIONS));
        expect(areDisjoint(a, b)).toBe(areEqual(intersect(a, b), NO_VERSIONS));
        expect(isWithin(intersect(a, b), a)).toBe(true);
      }),
      RUNS,
    );
  });

  it("with one version holds that version only", () => {
    fc.assert(
      fc.property(versionText, versionText, (one, other) => {
        expect(hasVersion(onlyVersion(at(one)), at(other))).toBe(semver.eq(one, other));
      }),
      RUNS,
    );
  });
});
