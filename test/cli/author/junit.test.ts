import { expect, it } from "vitest";
import { junit } from "../../../cli/author/junit.ts";

it("JUnit XML has a suite for each plugin and one for prompts, and no text can break out of it", () => {
  const place = { file: "tests/p.yaml", line: 2 };
  const hostile = `a" <b>&\n\u0000\uD800]]>`;
  const mismatches = [{ what: "reply", expected: hostile, got: "x" }];
  const cases = [
    { name: "fine", ok: true, mismatches: [], ms: 1234, ...place },
    { name: hostile, ok: false, mismatches, ms: 1, ...place },
  ];
  const diagnostics = [{ code: "E_SCHEMA", severity: "error", message: "bad", ...place } as const];
  const routed = [{ plugin: "p", prompt: "hi", expected: "p:a", got: "none", ok: false, ...place }];
  const name = "a&quot; &lt;b&gt;&amp;&#10;\uFFFD\uFFFD]]&gt;";
  expect(junit([{ name: "p", directory: "/p", cases, diagnostics }], routed))
    .toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="plugin test" tests="4" failures="2" errors="1" skipped="0">
<testsuite name="p" tests="3" failures="1" errors="1" skipped="0">
<testcase name="fine" classname="tests/p.yaml" file="tests/p.yaml" line="2" time="1.234" />
<testcase name="${name}" classname="tests/p.yaml" file="tests/p.yaml" line="2" time="0.001">
<failure message="reply: expected ${name}, got x" type="reply">
reply
expected: ${name.replace("&#10;", "\n")}
got: x
</failure>
</testcase>
<testcase name="tests/p.yaml:2" classname="tests/p.yaml" time="0">
<error message="bad" type="E_SCHEMA" />
</testcase>
</testsuite>
<testsuite name="routing" tests="1" failures="1" errors="0" skipped="0">
<testcase name="hi" classname="p" file="tests/p.yaml" line="2" time="0">
<failure message="expected p:a, got none" type="routing" />
</testcase>
</testsuite>
</testsuites>
`);
});
