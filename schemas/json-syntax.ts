import { endOfString, skipBlank } from "./json-scan.ts";

/** Where and why a text is not JSON. */
export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BAD_IN_STRING = /[\u0000-\u001f]|\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})/;

/** The first thing that makes a text invalid JSON, found without recursion; `undefined` when it is valid. */
export function findSyntaxFault(text: string): SyntaxFault | undefined {
  const open: ("{" | "[")[] = [];
  let at = skipBlank(text, 0);
  let expect: "value" | "key" | "after" = "value";
  let mayClose = false;
  for (;;) {
    if (expect === "after" && open.length === 0) {
      return at < text.length
        ? { offset: at, message: `nothing may follow the value, but there is ${show(text, at)}` }
        : undefined;
    }
    if (at >= text.length) {
      const inside = open.at(-1);
      return {
        offset: text.length,
        message: inside === undefined ? "the text is empty" : `the text ends inside \`${inside}\``,
      };
    }
    const char = text.charAt(at);
    const container = open.at(-1);
    if ((char === "}" || char === "]") && (expect === "after" || mayClose)) {
      if ((char === "}") !== (container === "{"))
        return { offset: at, message: `\`${char}\` does not close \`${container}\`` };
      open.pop();
      expect = "after";
      mayClose = false;
      at = skipBlank(text, at + 1);
      continue;
    }
    if (expect === "after") {
      if (char !== ",")
        return {
          offset: at,
          message: `expected \`,\` or \`${container === "{" ? "}" : "]"}\` but there is ${show(text, at)}`,
        };
      expect = container === "{" ? "key" : "value";
      mayClose = false;
      at = skipBlank(text, at + 1);
      continue;
    }
    if (expect === "key") {
      if (char !== '"')
        return { offset: at, message: `expected a key in double quotes but there is ${show(text, at)}` };
      const fault = stringFault(text, at);
      if (fault !== undefined) return fault;
      at = skipBlank(text, endOfString(text, at));
      if (text.charAt(at) !== ":")
        return { offset: at, message: `expected \`:\` after the key but there is ${show(text, at)}` };
      at = skipBlank(text, at + 1);
      expect = "value";
      mayClose = false;
      continue;
    }
    if (char === "{" || char === "[") {
      open.push(char);
      expect = char === "{" ? "key" : "value";
      mayClose = true;
      at = skipBlank(text, at + 1);
      continue;
    }
    const end = endOfScalar(text, at);
    if (typeof end !== "number") return end;
    at = skipBlank(text, end);
    expect = "after";
    mayClose = false;
  }
}

function endOfScalar(text: string, at: number): number | SyntaxFault {
  if (text.charAt(at) === '"') return stringFault(text, at) ?? endOfString(text, at);
  for (const word of ["true", "false", "null"]) if (text.startsWith(word, at)) return at + word.length;
  NUMBER.lastIndex = at;
  const number = NUMBER.exec(text);
  if (number !== null) return at + number[0].length;
  return { offset: at, message: `expected a value but there is ${show(text, at)}` };
}

function stringFault(text: string, at: number): SyntaxFault | undefined {
  const end = endOfString(text, at);
  if (text.charAt(end - 1) !== '"' || end - 1 === at) return { offset: at, message: "the string has no end" };
  const bad = BAD_IN_STRING.exec(text.slice(at + 1, end - 1));
  if (bad === null) return undefined;
  const offset = at + 1 + bad.index;
  return {
    offset,
    message: bad[0] === "\\" ? "the string has an unknown escape" : `the string holds a raw ${show(text, offset)}`,
  };
}

function show(text: string, at: number): string {
  const point = text.codePointAt(at);
  if (point === undefined) return "the end of the text";
  if (text.startsWith("//", at) || text.startsWith("/*", at)) return "a comment, which JSON does not have";
  const word = /^[A-Za-z]\w{0,20}/.exec(text.slice(at, at + 21));
  if (word !== null) return `\`${word[0]}\``;
  const visible = point > 32 && point < 127;
  return visible ? `\`${String.fromCodePoint(point)}\`` : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}
