const MAX_WIDTH = 100;

/** Lays words out in lines of moderate width, separated by commas. */
export function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const [at, word] of words.entries()) {
    const text = at === words.length - 1 ? word : `${word},`;
    if (line !== "" && line.length + 1 + text.length > MAX_WIDTH) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? text : `${line} ${text}`;
  }
  return line === "" ? lines : [...lines, line];
}
