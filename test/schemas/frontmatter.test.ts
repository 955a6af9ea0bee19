import { describe, expect, it } from "vitest";
import { PERMISSION_KEYS, readFrontMatter } from "../../schemas/frontmatter.ts";
import type { FrontMatter } from "../../schemas/frontmatter.ts";
import { splitFrontMatter } from "../../schemas/frontmatter-split.ts";

const known = new Set(["name", "description", "color", "keywords"]);
const read = (text: string): FrontMatter => readFrontMatter(text, { file: "a.md", known });
const codes = (text: string): readonly string[] => read(text).diagnostics.map(({ code }) => code);

describe("the split", () => {
  it.each([
    ["plain", "---\na: b\n---\ntext", "a: b\n", "text", 4],
    ["CRLF (FM07)", "---\r\na: b\r\n---\r\ntext", "a: b\n", "text", 4],
    ["byte order mark", "\ufeff---\na: b\n---\ntext", "a: b\n", "text", 4],
    ["blanks after the fences", "--- \na: b\n---\t \ntext", "a: b\n", "text", 4],
    ["empty", "---\n---\ntext", "", "text", 3],
    ["a rule in the text (FM07)", "---\na: b\n---\nx\n---\ny", "a: b\n", "x\n---\ny", 4],
  ])("cuts %s front matter", (_, text, block, body, bodyLine) => {
    const looselyClosed = false;
    expect(splitFrontMatter(text)).toStrictEqual({ present: true, language: "", block, body, bodyLine, looselyClosed });
  });

  it.each([
    ["more dashes", "---\na: b\n----\ntext", "a: b\n", "text", 4],
    ["more dashes before a rule", "---\na: |\n  b\n----\n---\nx", "a: |\n  b\n", "---\nx", 5],
    ["dashes with text behind them", "---\na: b\n---text\nx", "a: b\n", "text\nx", 3],
    ["indented dashes", "---\na: b\n ---\ntext", "a: b\n", "text", 4],
  ])("cuts front matter that ends with %s, and says so", (_, text, block, body, bodyLine) => {
    const looselyClosed = true;
    expect(splitFrontMatter(text)).toStrictEqual({ present: true, language: "", block, body, bodyLine, looselyClosed });
    expect(read(text).diagnostics).toMatchObject([{ code: "W_FRONTMATTER_UNCLOSED" }]);
  });

  it.each([
    ["no fence", "text", false],
    ["a fence that is not on the first line", "\n---\na: b\n---\n", false],
    ["no closing fence (FM07)", "---\na: b\n", true],
    ["dashes only (FM07)", "-".repeat(10_000), false],
    ["a sentence after the dashes", "--- not a fence ---\na: b\n---\n", false],
  ])("finds none with %s", (_, text, unclosed) => {
    expect(splitFrontMatter(text)).toMatchObject({ present: false, body: text, unclosed });
  });

  it("FM07: takes tabs in the block for blanks, and says so", () => {
    const matter = read("---\nname: a\nmetadata:\n\tkey: b\n---\n---\nbody");
    expect(matter).toMatchObject({ fields: { name: "a", metadata: { key: "b" } }, body: "---\nbody" });
    expect(matter.diagnostics).toMatchObject([{ code: "W_FRONTMATTER_QUOTED" }]);
  });

  it("FM07: takes time in proportion to the text", () => {
    const text = `---\n${"---x\n".repeat(200_000)}`;
    expect(splitFrontMatter(text)).toMatchObject({ present: false, unclosed: true });
  });
});

describe("what is refused", () => {
  it.each(["js", "javascript", "coffee", "coffeescript", "toml", "json", "cson"])(
    "FM01: `---%s` is never interpreted",
    (language) => {
      const mark = `frontMatterRan_${language}`;
      const matter = read(`---${language}\nglobalThis.${mark} = true, { name: "x" }\n---\ntext`);
      expect(mark in globalThis).toBe(false);
      expect(matter.fields).toStrictEqual({});
      expect(matter.refusal).toMatchObject({ code: "E_FRONTMATTER", line: 1, severity: "error" });
    },
  );

  it.each([
    ["FM03 a function tag", "a: !!js/function 'function () { return 1 }'\n", "E_FRONTMATTER"],
    ["FM03 a python object", "a: !!python/object:os.system x\n", "E_FRONTMATTER"],
    ["FM03 binary", "a: !!binary aGVsbG8=\n", "E_FRONTMATTER"],
    ["FM03 a tag of its own", "a: !thing x\n", "E_FRONTMATTER"],
    ["FM05 more than 64 KB", `a: ${"x".repeat(65_536)}\n`, "E_LIMIT_FRONTMATTER"],
    ["brackets 100 deep", `a: ${"[".repeat(100)}${"]".repeat(100)}\n`, "E_LIMIT_DEPTH"],
    ["brackets 60,000 deep", `a: ${"[".repeat(60_000)}\n`, "E_LIMIT_DEPTH"],
    ["dashes 20,000 deep", `a:\n  ${"- ".repeat(20_000)}x\n`, "E_LIMIT_DEPTH"],
    ["FM02 an alias bomb", bomb(), "E_LIMIT_FRONTMATTER"],
  ])("%s drops the component", (_, block, code) => {
    const matter = read(`---\n${block}---\ntext`);
    expect(matter.refusal?.code).toBe(code);
    expect(matter.fields).toStrictEqual({});
  });
});

function bomb(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 9; level++)
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]`);
  return `${lines.join("\n")}\n`;
}

describe("what is never taken", () => {
  it.each([
    ["a mapping", "__proto__: { polluted: true }\nname: x\n"],
    ["a quoted key", '"__proto__": { polluted: true }\nname: x\n'],
    ["a nested key", "metadata:\n  __proto__:\n    polluted: true\nname: x\n"],
    ["a constructor", "constructor: { prototype: { polluted: true } }\nname: x\n"],
  ])("FM04: prototype keys as %s change nothing and are reported", (_, block) => {
    const matter = read(`---\n${block}---\n`);
    expect(matter.fields["name"]).toBe("x");
    expect("polluted" in {}).toBe(false);
    expect(JSON.stringify(matter.fields)).not.toContain("polluted");
    expect(matter.diagnostics.map(({ code }) => code)).toContain("W_FRONTMATTER_KEY");
  });

  it("FM04: merge keys merge nothing", () => {
    const matter = read("---\nbase: &b\n  name: stolen\n<<: *b\ndescription: d\n---\n");
    expect(matter.fields["name"]).toBeUndefined();
  });

  it("a document read twice gives two objects", () => {
    const text = "---\nmetadata:\n  a:\n    b: c\n---\n";
    const [first, second] = [read(text), read(text)];
    expect(first.fields).toStrictEqual(second.fields);
    expect(first.fields["metadata"]).not.toBe(second.fields["metadata"]);
  });
});

describe("values", () => {
  it("FM06: stay text where YAML 1.1 would have typed them", () => {
    expect(read("---\nname: yes\non: off\ndate: 2024-01-05\n---\n").fields).toStrictEqual({
      name: "yes",
      on: "off",
      date: "2024-01-05",
    });
  });

  it("FM06: `on` stays a key, and only its value is a switch", () => {
    expect(read("---\nname: yes\nversion: 1.10\non: true\n---\n").fields).toStrictEqual({
      name: "yes",
      version: 1.1,
      on: true,
    });
  });

  it("FM06: keep their source text when they are numbers or flow lists", () => {
    const { fields, sources } = read("---\nversion: 1.10\nhint: [file] # c\nx: &y 1\n---\n");
    expect(fields).toStrictEqual({ version: 1.1, hint: ["file"], x: 1 });
    expect(sources).toMatchObject({ version: "1.10", hint: "[file]" });
  });

  it("a repeated key counts once, the last one, and is reported", () => {
    const matter = read("---\nname: a\nname: b\n---\n");
    expect(matter.fields).toStrictEqual({ name: "b" });
    expect(matter.diagnostics).toMatchObject([{ code: "W_FRONTMATTER_REPEATED", line: 2 }]);
  });

  it("a repeated permission counts not at all", () => {
    expect(read("---\nname: a\ntools: Read\ntools: Bash\n---\n").fields).toStrictEqual({ name: "a" });
  });

  it("keys are located in the file", () => {
    expect(read("---\r\nname: a\r\ndescription: b\r\n---\r\n").locate("description")).toStrictEqual({
      line: 3,
      column: 1,
    });
  });
});

describe("the lenient passes", () => {
  it("quote one-line values that hold a colon", () => {
    const matter = read('---\nname: a\ndescription: Use when: "x" happens # really\ncolor: red\n---\n');
    expect(matter.fields).toStrictEqual({ name: "a", description: 'Use when: "x" happens # really', color: "red" });
    expect(matter).toMatchObject({
      salvaged: true,
      diagnostics: [{ code: "W_FRONTMATTER_QUOTED", severity: "warning", line: 3 }],
    });
  });

  it("recover known keys when a description goes on in unindented lines", () => {
    const matter = read(
      '---\nname: a\ndescription: Examples:\n\nuser: "hello: there"\n<x>\nassistant: "b"\ncolor: red\n---\ntext',
    );
    expect(matter.fields).toStrictEqual({
      name: "a",
      description: 'Examples:\n\nuser: "hello: there"\n<x>\nassistant: "b"',
      color: "red",
    });
    expect(matter).toMatchObject({ body: "text", salvaged: true });
    expect(matter.diagnostics).toMatchObject([{ code: "W_FRONTMATTER_SALVAGED", file: "a.md" }]);
  });

  it.each([
    ["list", "keywords:\n  - a\n  - b: {\n<x>\n", { keywords: "- a\n- b: {\n<x>" }],
    ["quoted text", "description: 'it''s'\n<x>\nname: b\n", { description: "'it''s'\n<x>", name: "b" }],
    ["folded text", "description: >\n  a\n  b\n@x\nname: b\n", { description: "a b @x", name: "b" }],
  ])("recover a %s", (_, block, fields) => {
    expect(read(`---\n${block}---\n`).fields).toStrictEqual(fields);
  });

  it.each([...PERMISSION_KEYS])("never take `%s`, and say so", (key) => {
    for (const broken of [`description: a: b\n${key}: x\n`, `description: a\n<x>\n${key}: x\n`]) {
      const matter = read(`---\n${broken}---\n`);
      expect(Object.keys(matter.fields)).toStrictEqual(["description"]);
      expect(matter.diagnostics[0]?.message).toContain(`\`${key}\``);
    }
  });
});

describe("blocks that waste time", () => {
  it.each([
    ["blank lines", `a:\n${"\n".repeat(60_000)}b: c: d\n`],
    [
      "anchors and aliases",
      `a: [${Array.from({ length: 4000 }, (_, index) => `&a${index} x, *a${index}`).join(", ")}]\n`,
    ],
    ["quotes", `a: "${'\\"'.repeat(30_000)}\n`],
    ["colons", `a: ${": ".repeat(30_000)}\n`],
    ["hashes", `${"#\n".repeat(30_000)}a: b: c\n`],
  ])("of %s come to an end", (_, block) => {
    expect(codes(`---\n${block}---\n`).length).toBeLessThan(3);
  });
});
