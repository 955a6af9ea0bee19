import { afterPrefix, isProgram } from "./command-prefix.ts";
import { CONTAINER_OPTIONS, type ContainerOptions } from "./container-options.ts";
import { type ImageReference, namesHost, readImage } from "./image-reference.ts";
import type { RefusedLauncher } from "./launcher-call.ts";
import type { CommandWord } from "./shell-line.ts";

/** A command that starts a container. */
export interface ImageCall {
  readonly kind: "image";
  readonly image: ImageReference;
  /** The word that names the image: from, to exclusive. */
  readonly words: readonly [from: number, to: number];
}

const ENGINES = ["docker", "podman"] as const;
/** What these start is named in files, or by a service, that nobody reads here. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  compose: ["up", "run", "create"],
  stack: ["deploy"],
  mcp: ["run"],
  kube: ["play"],
  play: ["kube"],
};

/** Reads `docker run` and `podman run`; `undefined` for a command that starts no container of an image that it names. */
export function readContainer(words: readonly CommandWord[]): ImageCall | RefusedLauncher | undefined {
  const { at } = afterPrefix(words);
  if (isProgram(words[at], "docker-compose") && startsElsewhere(words, at, "compose"))
    return refused("what `docker-compose` starts is named in a file of its own");
  if (isProgram(words[at], "sudo") && words.some((_, index) => index > at && startsEngine(words, index)))
    return refused("it is started through `sudo`");
  const engine = ENGINES.find((one) => isEngine(words[at], one));
  if (engine === undefined) return undefined;
  const verb = words[at + 1];
  if (verb === undefined) return undefined;
  if (verb.text.startsWith("-")) return refused(`its option \`${verb.text}\` before \`run\` is not followed`);
  if (!verb.plain) return refused(`what \`${engine}\` does is filled in later`);
  if (startsElsewhere(words, at + 1, verb.text))
    return refused(`what \`${engine} ${verb.text}\` starts is not named in the command`);
  const isLong = verb.text === "container" && words[at + 2]?.text === "run";
  if (verb.text !== "run" && !isLong) return undefined;
  const place = imageAt(words, at + (isLong ? 3 : 2), CONTAINER_OPTIONS[engine]);
  if (typeof place === "string") return refused(place);
  const word = words[place];
  if (word === undefined) return refused("no image is named");
  if (!word.plain) return refused("which image it starts is filled in later");
  const image = readImage(word.text);
  if (typeof image === "string") return refused(image);
  if (engine === "podman" && !namesHost(image))
    return refused("podman looks up a name without a host in registries of its own settings");
  return { kind: "image", image, words: [place, place + 1] };
}

/** An engine by its name or by an absolute path; a path of the plugin's own is filled in later. */
function isEngine(word: CommandWord | undefined, name: string): boolean {
  return isProgram(word, name) || (word?.plain === true && word.text.startsWith("/") && word.text.endsWith(`/${name}`));
}

function startsEngine(words: readonly CommandWord[], at: number): boolean {
  const isOne = ENGINES.some((name) => isEngine(words[at], name));
  return isOne && ["run", "container", "compose"].includes(words[at + 1]?.text ?? "");
}

function startsElsewhere(words: readonly CommandWord[], at: number, verb: string): boolean {
  const starting = Object.hasOwn(ELSEWHERE, verb) ? ELSEWHERE[verb] : undefined;
  return words.some(({ text }, index) => index > at && starting?.includes(text) === true);
}

/** The place of the first word that is no option and no value of one; a text says why that is not known. */
function imageAt(words: readonly CommandWord[], start: number, options: ContainerOptions): number | string {
  let at = start;
  for (; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const { text } = word;
    if (text === "--") return at + 1;
    if (!text.startsWith("-") || text === "-") return at;
    const option = text.startsWith("--") ? longOption(word, options) : shortOptions(word, options);
    if ("reason" in option) return option.reason;
    const next = option.takesNext ? words[(at += 1)] : undefined;
    if (option.takesNext && next === undefined) return `its option \`${option.name}\` has no value`;
    if (word.splits === true || next?.splits === true) return "a shell may make several words of one before its image";
    const problem =
      option.name === "--mount" ? mountProblem(next?.text ?? option.value, (next ?? word).plain) : undefined;
    if (problem !== undefined) return problem;
  }
  return at;
}

function mountProblem(value: string, plain: boolean): string | undefined {
  if (/(?:^|,)"?type=image\b/iu.test(value)) return "it mounts a second image, which is not followed";
  const isKnown = plain || /(?:^|,)type=(?:bind|volume|tmpfs)(?:,|$)/iu.test(value);
  return isKnown ? undefined : "what it mounts is filled in later";
}

/** One option, or why it is not understood. */
type ReadOption =
  { readonly name: string; readonly takesNext: boolean; readonly value: string } | { readonly reason: string };

function longOption({ text }: CommandWord, { switches, values }: ContainerOptions): ReadOption {
  const at = text.indexOf("=");
  const [name, value] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  if (values.has(name)) return { name, takesNext: value === undefined, value: value ?? "" };
  if (!switches.has(name)) return { reason: `its option \`${name}\` is not followed` };
  return switchOption(name, value);
}

/** A cluster such as `-it`, of which the last may have a value: `-eKEY`, `-ite KEY`. */
function shortOptions({ text, plain }: CommandWord, { switches, values }: ContainerOptions): ReadOption {
  for (let at = 1; at < text.length; at += 1) {
    const name = `-${text[at] ?? ""}`;
    const rest = text.slice(at + 1);
    if (values.has(name)) {
      // A placeholder that is empty in the end would make the next word the value.
      if (rest !== "" && !plain) return { reason: `the value of its option \`${name}\` is filled in later` };
      return { name, takesNext: rest === "", value: rest };
    }
    if (!switches.has(name)) return { reason: `its option \`${name}\` is not followed` };
    if (rest.startsWith("=")) return switchOption(name, rest.slice(1));
  }
  return { name: text, takesNext: false, value: "" };
}

function switchOption(name: string, value: string | undefined): ReadOption {
  if (value !== undefined && !/^(?:true|false|1|0)$/iu.test(value))
    return { reason: `what its option \`${name}\` is set to is not understood` };
  return { name, takesNext: false, value: value ?? "" };
}

function refused(reason: string): RefusedLauncher {
  return { kind: "refused", reason };
}
