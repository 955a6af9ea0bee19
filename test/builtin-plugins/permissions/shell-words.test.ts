import { describe, expect, it } from "vitest";
import { bashAllows, bashRestricts, bashSpecifier } from "../../../builtin-plugins/permissions/bash-specifier.ts";
import { simpleCommand, visibleCommands } from "../../../builtin-plugins/permissions/shell-words.ts";

/** Each begins with words that a rule `npm run test:*` names, and does more, or other, than that. */
const HOSTILE: readonly string[] = [
  "npm run test; rm -rf /",
  "npm run test;rm -rf /",
  "npm run test && rm x",
  "npm run test || rm x",
  "npm run test | sh",
  "npm run test |& sh",
  "npm run test & rm x",
  "npm run test &",
  "npm run test\nrm x",
  "npm run test\r\nrm x",
  "npm run test\rrm x",
  "npm run test \\\nrm",
  "npm run test $(rm x)",
  "npm run test `rm x`",
  'npm run test "$(rm x)"',
  'npm run test "`rm x`"',
  'npm run test "${x:=$(rm x)}"',
  "npm run test ${IFS}x",
  "npm run test $X",
  'npm run test "$X"',
  "npm run test $'\\x3b rm'",
  'npm run test $"x"',
  "npm run test > /etc/passwd",
  "npm run test >> ~/.bashrc",
  "npm run test 2>&1",
  "npm run test < /etc/shadow",
  "npm run test <(rm x)",
  "npm run test >(rm x)",
  "npm run test <<< x",
  "npm run test << EOF\nrm\nEOF",
  "npm run test *",
  "npm run test ?",
  "npm run test [a-z]",
  "npm run test {a,b}",
  "npm run test ~/x",
  "npm run test ~root",
  "npm run test # comment",
  "npm run test !!",
  'npm run test "!!"',
  "npm run test \\; rm",
  "npm run test (rm x)",
  "(npm run test)",
  "{ npm run test; }",
  "! npm run test",
  "npm run test ^a^b",
  "npm run test =ls",
  "npm run test 'unclosed",
  'npm run test "unclosed',
  "npm run test\0",
  "npm run test\u0085rm",
  "npm run test\u2028rm",
  "npm run test\u00a0rm",
  "npm run test\u202e",
  "npm run test \u200bx",
  "npm run test '\u202e'",
  "npm run test\trm",
  "npm run test\vrm",
  "npm run test\x1b[2K",
  "PATH=/evil npm run test",
  "A=1 npm run test",
  "A+=1 npm run test",
  "NODE_OPTIONS=--require=/evil.js npm run test",
  "env npm run test",
  "command npm run test",
  "exec npm run test",
  "eval npm run test",
  "sudo npm run test",
  "bash -c 'npm run test'",
  "'npm' run test",
  '"npm" run test',
  "n\\pm run test",
  "./npm run test",
  "/tmp/npm run test",
  "npm run tests",
  "npm run test:unit",
  "npm run testx",
  "npm  run-script test",
  "npm run",
  "npm",
  "",
  "   ",
  "xnpm run test",
  "function npm { rm x; }",
  "if true; then npm run test; fi",
  "npm run 'test' ;rm",
  'npm run test "a" "b";rm',
  "npm run test %1;rm",
  "npm run \"te\"st'\n'",
];

const HARMLESS: readonly string[] = [
  "npm run test",
  "  npm run test  ",
  "npm   run   test",
  "npm run test --watch=false",
  "npm run test -- --grep 'a b; c > d | e & $(f)'",
  'npm run test "a b; c > d"',
  "npm run 'test' x",
  "npm run test a/b.ts:12 @scope/x 50% a=b",
  "npm run test 'schön ☂'",
];

describe("a Bash rule with a prefix", () => {
  const rule = bashSpecifier("npm run test:*");

  it.each(HOSTILE)("does not allow %j", (command) => {
    expect(bashAllows(rule, command)).toBe(false);
  });

  it.each(HARMLESS)("allows %j", (command) => {
    expect(bashAllows(rule, command)).toBe(true);
  });

  it("is the same with a space before its star", () => {
    expect(bashSpecifier("npm run test *")).toEqual(rule);
  });
});

describe("a simple command", () => {
  it("is taken apart into its literal words", () => {
    expect(simpleCommand(`git commit -m 'it''s' "a b" c"d"e`)).toEqual(["git", "commit", "-m", "its", "a b", "cde"]);
  });
});

describe("a Bash rule", () => {
  const allowed = [
    { rule: "npm test", command: "npm test", allows: true },
    { rule: "npm test", command: " npm test\n", allows: true },
    { rule: "npm test", command: "npm test x", allows: false },
    { rule: "npm test && npm run build", command: "npm test && npm run build", allows: true },
    { rule: "npm * test", command: "npm run test", allows: false },
    { rule: "*", command: "a; b", allows: true },
    { rule: "", command: "a; b", allows: true },
    { rule: "npm; rm:*", command: "npm; rm x", allows: false },
    { rule: "git log *", command: "git log", allows: true },
  ];
  it.each(allowed)("`$rule` allows `$command`: $allows", ({ rule, command, allows }) => {
    expect(bashAllows(bashSpecifier(rule), command)).toBe(allows);
  });

  const restricting = [
    "rm x",
    "rm",
    "/bin/rm x",
    "echo a; rm x",
    "echo a && rm x",
    "echo a | rm x",
    "echo a\nrm x",
    "echo $(rm x)",
    "echo `rm x`",
    'echo "$(rm x)"',
    "(rm x)",
    "{ rm x; }",
    "A=1 rm x",
    "sudo rm x",
    "sudo -u root rm x",
    "env A=1 rm x",
    "timeout 5 rm x",
    "xargs rm < list",
    "find . -exec rm {} +",
    "bash -c 'rm x'",
    'sh -c "cd /; rm x"',
    "r'm' x",
    'r"m" x',
    "\\rm x",
    "r\\\nm x",
    "$'rm' x",
    "! rm x",
    "if true; then rm x; fi",
    "while rm x; do :; done",
    "nohup nice rm x &",
    "cat <(rm x)",
  ];
  it.each(restricting)("that restricts `rm:*` speaks of %j", (command) => {
    expect(bashRestricts(bashSpecifier("rm:*"), visibleCommands(command))).toBe(true);
  });

  it.each(["rmdir x", "git rm x", "echo rm", "npm run rm", "git commit -m 'no rm x'"])(
    "that restricts `rm:*` does not speak of %j",
    (command) => {
      expect(bashRestricts(bashSpecifier("rm:*"), visibleCommands(command))).toBe(false);
    },
  );

  it("that restricts rather speaks of a quoted text that is no command", () => {
    expect(bashRestricts(bashSpecifier("rm:*"), visibleCommands("git commit -m 'rm x'"))).toBe(true);
  });

  it("that restricts may have stars anywhere", () => {
    expect(
      bashRestricts(bashSpecifier("git push * --force*"), visibleCommands("git push origin --force-with-lease")),
    ).toBe(true);
    expect(bashRestricts(bashSpecifier("git push * --force*"), visibleCommands("git push origin"))).toBe(false);
  });

  it("that restricts speaks of a command that is too long to be looked through", () => {
    expect(bashRestricts(bashSpecifier("rm:*"), visibleCommands(`echo ${"a".repeat(200_000)}`))).toBe(true);
  });
});
