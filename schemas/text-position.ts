/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** The position at the end of `file:line:column`; `undefined` for a place without one. */
export function positionIn(where: string | undefined): TextPosition | undefined {
  const place = /:(\d+):(\d+)$/u.exec(where ?? "");
  return place === null ? undefined : { line: Number(place[1]), column: Number(place[2]) };
}

/** Turns offsets of one text into lines and columns; where lines start is found once it is asked for. */
export class LinePositions {
  readonly #text: string;
  #starts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): TextPosition {
    const starts = (this.#starts ??= lineStartsOf(this.#text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
