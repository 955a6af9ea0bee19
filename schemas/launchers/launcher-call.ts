import { packageProblem, parsePackageSpec, type PackageSpec } from "../npm-package.ts";
import { afterPrefix, isProgram } from "./command-prefix.ts";
import type { CommandWord } from "./shell-line.ts";

/** A command that downloads a package and starts it. */
export interface LauncherCall {
  readonly kind: "call";
  /** The packages that it downloads; the first is started unless `program` says otherwise. */
  readonly packages: readonly PackageSpec[];
  /** The command of those packages that it starts, when it is named. */
  readonly program?: string | undefined;
  /** Which words stand for launcher, options and package: from the first, to the second exclusive. */
  readonly words: readonly [from: number, to: number];
  /** Whether the launcher was told to download without asking, or does nothing else. */
  readonly downloads: boolean;
}

/** A launcher whose package cannot be locked; `reason` is a clause such as `it starts a folder`. */
export interface RefusedLauncher {
  readonly kind: "refused";
  readonly reason: string;
}

/** How a launcher reads its words. */
interface Launcher {
  readonly words: readonly string[];
  readonly switches: readonly string[];
  /** Switches that say: download without asking. */
  readonly yes: readonly string[];
  /** It runs what it downloads, whatever the project has. */
  readonly always: boolean;
  /** Words after the package go through the launcher's own options, up to `--`. */
  readonly takesRest?: boolean;
}

const NPX_SWITCHES = ["-q", "--quiet", "-s", "--silent", "--ignore-existing", "--prefer-online", "--prefer-offline"];
const YES = ["-y", "--yes", "--yes=true"];
const PACKAGE = ["-p", "--package"];
/** With these a launcher downloads nothing. */
const NEVER = ["--no", "--no-install", "--yes=false"];

const NPX = { switches: NPX_SWITCHES, yes: YES, always: false };
const DLX = { switches: ["-s", "--silent", "-q", "--quiet"], yes: [], always: true };
const BUNX = { switches: ["--silent", "--verbose"], yes: YES, always: false };

const LAUNCHERS: readonly Launcher[] = [
  { words: ["npx"], ...NPX },
  { words: ["npm", "exec"], ...NPX, takesRest: true },
  { words: ["npm", "x"], ...NPX, takesRest: true },
  { words: ["bunx"], ...BUNX },
  { words: ["bun", "x"], ...BUNX },
  { words: ["pnpx"], ...DLX },
  { words: ["pnpm", "dlx"], ...DLX },
  { words: ["yarn", "dlx"], ...DLX },
];

const REPOSITORY = /^(?:git[+:@]|git@|github:|gitlab:|bitbucket:|gist:|https?:|ssh:)|^[\w.-]+\/[\w.-]+(?:#|$)/iu;
const FOLDER = /^(?:\.{0,2}[/\\]|\.{1,2}$|~|file:|[A-Za-z]:[\\/])/u;

/** Reads the words of a command; `undefined` when it is none that downloads what it starts. */
export function readLauncher(words: readonly CommandWord[]): LauncherCall | RefusedLauncher | undefined {
  const { from, at } = afterPrefix(words);
  const launcher = LAUNCHERS.find((one) => one.words.every((word, index) => isProgram(words[at + index], word)));
  if (launcher === undefined) return undefined;
  return readCall(words, from, at + launcher.words.length, launcher);
}

function readCall(
  words: readonly CommandWord[],
  from: number,
  start: number,
  launcher: Launcher,
): LauncherCall | RefusedLauncher | undefined {
  const named: CommandWord[] = [];
  let downloads = launcher.always;
  let isRest = launcher.takesRest !== true;
  let at = start;
  for (; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined || !word.text.startsWith("-")) break;
    if (word.text === "--") {
      at += 1;
      isRest = true;
      break;
    }
    const [flag = "", value] = splitFlag(word.text);
    if (NEVER.includes(word.text)) return undefined;
    if (PACKAGE.includes(flag)) {
      const next = value === undefined ? words[(at += 1)] : { ...word, text: value };
      if (next === undefined) return refused("no package is named");
      named.push(next);
    } else if (launcher.yes.includes(word.text)) downloads = true;
    else if (flag === "-c" || flag === "--call" || flag === "--shell-mode")
      return refused(`\`${flag}\` gives it a line for a shell`);
    else if (!launcher.switches.includes(word.text)) return refused(`its option \`${flag}\` is not followed`);
  }
  const first = words[at];
  if (first === undefined) return refused("no package is named");
  const packages: PackageSpec[] = [];
  for (const word of named.length === 0 ? [first] : named) {
    const spec = readSpec(word);
    if ("reason" in spec) return spec;
    packages.push(spec);
  }
  if (named.length > 0 && !(first.plain && /^[\w.@+-]+$/u.test(first.text)))
    return refused("the command that it starts is not named in plain words");
  const to = isRest ? at + 1 : restAfter(words, at + 1);
  if (typeof to === "string") return refused(to);
  const program = named.length === 0 ? undefined : first.text;
  return { kind: "call", packages, program, words: [from, to], downloads };
}

/** Where the arguments begin that go to the program; a text says why that is not known. */
function restAfter(words: readonly CommandWord[], at: number): number | string {
  const end = words.findIndex(({ text }, index) => index >= at && text === "--");
  const option = words.slice(at, end < 0 ? undefined : end).find(({ text }) => text.startsWith("-"));
  if (option !== undefined) return `its option \`${option.text}\` after the package is not followed`;
  return end === at ? at + 1 : end < 0 ? at : "words stand between the package and `--`";
}

function splitFlag(text: string): readonly [flag: string, value: string | undefined] {
  const at = text.indexOf("=");
  return at < 0 || !text.startsWith("--") ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function readSpec({ text, plain }: CommandWord): PackageSpec | RefusedLauncher {
  if (FOLDER.test(text)) return refused("it starts a folder, and only packages of a registry are locked");
  if (REPOSITORY.test(text)) return refused("it starts a repository, and only packages of a registry are locked");
  if (!plain) return refused("which package it starts is filled in later");
  const spec = parsePackageSpec(text);
  if (packageProblem({ ...spec, version: undefined }) !== undefined)
    return refused("what it starts is no package name");
  if (spec.version !== undefined && packageProblem(spec) !== undefined)
    return refused("it asks for what is neither a version, a range nor a tag");
  return spec;
}

function refused(reason: string): RefusedLauncher {
  return { kind: "refused", reason };
}
