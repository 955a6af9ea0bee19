import type { SearchPlace } from "./program-on-path.ts";

/** How a program is started without a shell of ours. */
export interface ProgramStart {
  readonly file: string;
  readonly args: readonly string[];
  /** Whether the arguments are quoted already. */
  readonly windowsVerbatimArguments: boolean;
}

/** Windows starts `.cmd` and `.bat` files, as npm makes them, through its command interpreter only. */
export function programStart(
  program: string,
  args: readonly string[],
  { environment, platform }: SearchPlace,
): ProgramStart {
  if (platform !== "win32" || !/\.(?:cmd|bat)$/iu.test(program)) {
    return { file: program, args, windowsVerbatimArguments: false };
  }
  const line = [escaped(program), ...args.map((word) => escaped(escaped(quoted(word))))].join(" ");
  const interpreter = Object.entries(environment).find(([key]) => key.toUpperCase() === "COMSPEC")?.[1] ?? "cmd.exe";
  return { file: interpreter, args: ["/d", "/s", "/c", `"${line}"`], windowsVerbatimArguments: true };
}

/** A word as C programs of Windows take it back: backslashes count only before a quotation mark. */
function quoted(word: string): string {
  return `"${word.replaceAll(/(\\*)"/gu, String.raw`$1$1\"`).replace(/(\\+)$/u, "$1$1")}"`;
}

/** Nothing means anything to the interpreter; a `.cmd` that hands its words on reads them twice. */
function escaped(word: string): string {
  return word.replaceAll(/[()\][%!^"`<>&|;, *?]/gu, "^$&");
}
