import { escapeControl } from "../../schemas/names.ts";

/**
 * Marks for the printer. They are Unicode noncharacters, which no text may carry between programs; the printer turns
 * them into terminal sequences after it has escaped everything else, so that printed content can never add one.
 */
const MARKS = {
  bold: "\u{FDD0}",
  dim: "\u{FDD1}",
  red: "\u{FDD2}",
  yellow: "\u{FDD3}",
  green: "\u{FDD4}",
  end: "\u{FDDF}",
};

const SEQUENCES: Readonly<Record<string, string>> = {
  [MARKS.bold]: "\u001B[1m",
  [MARKS.dim]: "\u001B[2m",
  [MARKS.red]: "\u001B[31m",
  [MARKS.yellow]: "\u001B[33m",
  [MARKS.green]: "\u001B[32m",
  [MARKS.end]: "\u001B[0m",
};

const ANY_MARK = /[\u{FDD0}-\u{FDEF}]/gu;

/** Text of somebody else as part of a line: what is hidden, and what would be a mark of ours, is shown as `\\u{…}`. */
export function foreign(text: string): string {
  return escapeControl(text).replace(ANY_MARK, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`);
}

function marked(mark: string, text: string): string {
  return text === "" ? "" : `${mark}${text}${MARKS.end}`;
}

/** Emphasis for what a line is about. */
export const bold = (text: string): string => marked(MARKS.bold, text);
/** Less than the rest of the line. */
export const dim = (text: string): string => marked(MARKS.dim, text);
/** Something is wrong; the words around it say so too. */
export const red = (text: string): string => marked(MARKS.red, text);
/** Something needs attention; the words around it say so too. */
export const yellow = (text: string): string => marked(MARKS.yellow, text);
/** Something is added or well; the words around it say so too. */
export const green = (text: string): string => marked(MARKS.green, text);

/** Replaces marks by terminal sequences, or drops them. */
export function renderMarks(text: string, colour: boolean): string {
  return text.replace(ANY_MARK, (mark) => (colour ? (SEQUENCES[mark] ?? "") : ""));
}

/** The number of code points, marks not counted. */
function widthOf(text: string): number {
  let width = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const isSecondHalf = (unit & 0xfc00) === 0xdc00;
    const isMark = unit >= 0xfdd0 && unit <= 0xfdef;
    if (!isSecondHalf && !isMark) width += 1;
  }
  return width;
}

/** Lays rows out in columns, two blanks apart, each as wide as its widest cell; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], indent = ""): readonly string[] {
  // In a long table most cells say the same as those above them.
  const measured = new Map<string, number>();
  const measure = (text: string): number => {
    const width = measured.get(text) ?? widthOf(text);
    measured.set(text, width);
    return width;
  };
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((text, at) => {
      const width = measure(text);
      if (width > (widths[at] ?? 0)) widths[at] = width;
    });
  }
  return rows.map((row) => {
    const cells = row.map((text, at) =>
      at === row.length - 1 ? text : text + " ".repeat((widths[at] ?? 0) - measure(text)),
    );
    return (indent + cells.join("  ")).trimEnd();
  });
}
