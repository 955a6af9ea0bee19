import { describe, expect, it } from "vitest";
import { diffSubject } from "../../../cli/diff/subject.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const NO_PATHS: readonly string[] = [];
const TABLE: readonly (readonly [words: string, subject: object, paths: readonly string[]])[] = [
  ["", { kind: "last" }, NO_PATHS],
  ["3", { kind: "generations", from: 3 }, NO_PATHS],
  ["3..", { kind: "generations", from: 3 }, NO_PATHS],
  ["3..5", { kind: "generations", from: 3, to: 5 }, NO_PATHS],
  ["0..1", { kind: "generations", from: 0, to: 1 }, NO_PATHS],
  ["a.lock..b.lock", { kind: "locks", from: "a.lock", to: "b.lock" }, NO_PATHS],
  ["a.lock b.lock", { kind: "locks", from: "a.lock", to: "b.lock" }, NO_PATHS],
  ["../x/a.lock", { kind: "locks", from: "../x/a.lock" }, NO_PATHS],
  ["plugins.lock", { kind: "locks", from: "plugins.lock" }, NO_PATHS],
  ["HEAD~1:plugins.lock", { kind: "locks", from: "HEAD~1:plugins.lock" }, NO_PATHS],
  ["HEAD~1:plugins.lock..plugins.lock", { kind: "locks", from: "HEAD~1:plugins.lock", to: "plugins.lock" }, NO_PATHS],
  ["fmt", { kind: "versions", plugin: "fmt" }, NO_PATHS],
  ["fmt@acme", { kind: "versions", plugin: "fmt@acme" }, NO_PATHS],
  ["fmt@acme 1.0.0", { kind: "versions", plugin: "fmt@acme", from: "1.0.0" }, NO_PATHS],
  ["fmt@acme 1.0.0..1.2.0-rc.1", { kind: "versions", plugin: "fmt@acme", from: "1.0.0", to: "1.2.0-rc.1" }, NO_PATHS],
  ["--patch fmt@acme/a.md hooks/", { kind: "last" }, ["fmt@acme/a.md", "hooks/"]],
  ["3..5 --patch fmt@acme/a.md", { kind: "generations", from: 3, to: 5 }, ["fmt@acme/a.md"]],
  ["fmt@acme --patch hooks/a.json b", { kind: "versions", plugin: "fmt@acme" }, ["hooks/a.json", "b"]],
  ["fmt@acme 1.0.0..2.0.0 --patch a", { kind: "versions", plugin: "fmt@acme", from: "1.0.0", to: "2.0.0" }, ["a"]],
];

describe("the words of `plugin diff`", () => {
  it.each(TABLE)("%s", (line, subject, paths) => {
    using home = temporaryHome();
    home.write("plugins.lock", "");
    const words = line.split(" ").filter((word) => word !== "" && word !== "--patch");
    expect(diffSubject(words, home.directory, line.includes("--patch"))).toEqual({ subject, paths });
  });

  it.each(["3..5 a.md", "fmt@acme 1.0.0..2.0.0 b", "fmt@acme hooks/x.json"])("refuses %s", (line) => {
    using home = temporaryHome();
    expect(() => diffSubject(line.split(" "), home.directory, false)).toThrowError(/too many/u);
  });
});
