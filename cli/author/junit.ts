import type { Routed } from "../../marketplace/author/routing/confusion.ts";
import type { CaseOutcome } from "./outcome.ts";
import type { PluginReport } from "./test-report.ts";

/** The report as JUnit XML: a suite for each plugin, and one for the prompts of the whole set. */
export function junit(plugins: readonly PluginReport[], routed: readonly Routed[]): string {
  const suites = [
    ...plugins.map(
      ({ name, cases, diagnostics }) =>
        [
          name,
          [
            ...cases.map(caseElement),
            ...diagnostics.map(({ message, file = "", line = 1 }) =>
              element("testcase", { name: `${file}:${line}`, classname: file, time: "0" }, [
                element("error", { message, type: "E_SCHEMA" }),
              ]),
            ),
          ],
        ] as const,
    ),
    ...(routed.length === 0 ? [] : [["routing", routed.map(routedElement)] as const]),
  ];
  const all = suites.map(([name, cases]) => element("testsuite", { name, ...counts(cases) }, cases));
  const total = counts(suites.flatMap(([, cases]) => cases));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", { name: "plugin test", ...total }, all)}\n`;
}

function counts(cases: readonly string[]): Readonly<Record<string, string>> {
  const having = (tag: string): string => String(cases.filter((text) => text.includes(`\n<${tag} `)).length);
  return { tests: String(cases.length), failures: having("failure"), errors: having("error"), skipped: "0" };
}

function caseElement({ name, ok, mismatches, ms, file, line }: CaseOutcome): string {
  const [first] = mismatches;
  const text = mismatches.map(({ what, expected, got }) => `${what}\nexpected: ${expected}\ngot: ${got}`).join("\n\n");
  const attributes = { name, classname: file, file, line: String(line), time: (ms / 1000).toFixed(3) };
  if (ok || first === undefined) return element("testcase", attributes);
  const message = `${first.what}: expected ${first.expected}, got ${first.got}`;
  return element("testcase", attributes, [element("failure", { message, type: first.what }, [escaped(text)])]);
}

function routedElement({ plugin, prompt, expected, got, ok, file, line }: Routed): string {
  const attributes = { name: prompt, classname: plugin, file, line: String(line), time: "0" };
  if (ok) return element("testcase", attributes);
  const message = `expected ${expected}, got ${got}`;
  return element("testcase", attributes, [element("failure", { message, type: "routing" })]);
}

function element(tag: string, attributes: Readonly<Record<string, string>>, content: readonly string[] = []): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${attribute(value)}"`);
  const open = `<${tag}${written.join("")}`;
  return content.length === 0 ? `${open} />` : `${open}>\n${content.join("\n")}\n</${tag}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for XML 1.0: what the format cannot hold at all is replaced. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll(/[&<>"]/gu, (character) => ENTITIES[character] ?? character);
}

/** In an attribute a reader would make blanks of line ends and tabs. */
function attribute(text: string): string {
  return escaped(text).replaceAll(/[\n\r\t]/gu, (character) => `&#${String(character.charCodeAt(0))};`);
}
