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

/** Pads to a column by code points, marks not counted. */
function padded(text: string, width: number): string {
  const length = [...text.replace(ANY_MARK, "")].length;
  return length >= width ? text : text + " ".repeat(width - length);
}

/** Lays rows out in columns, two blanks apart, each as wide as its widest cell; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], indent = ""): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      const length = [...cell.replace(ANY_MARK, "")].length;
      if (length > (widths[at] ?? 0)) widths[at] = length;
    });
  }
  return rows.map((row) =>
    (
      indent + row.map((cell, at) => (at === row.length - 1 ? cell : padded(cell, widths[at] ?? 0))).join("  ")
    ).trimEnd(),
  );
}
