/** A command line with more options; what follows `--` outside of quotes is the command of somebody else. */
export function withOptions(command: string, options: string): string {
  const [, own = command, foreign = ""] = /^((?:'[^']*'|\\'|[^'\\])*?)( -- .*)$/su.exec(command) ?? [];
  return `${own} ${options}${foreign}`;
}
