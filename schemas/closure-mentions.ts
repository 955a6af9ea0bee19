import type { TreeMember } from "./tree-digest.ts";

/** What is searched for names of members. */
export interface MentionSearch {
  readonly members: readonly TreeMember[];
  /** Texts that certainly run: commands. */
  readonly texts: readonly string[];
  /** Members whose own text is searched whether anything mentions them or not. */
  readonly isProgram: (member: TreeMember) => boolean;
  readonly textOf: (path: string) => string | undefined;
}

/** More text than this is not searched: it counts as mentioning everything. */
const MAX_SEARCHED_LENGTH = 1_048_576;
const WORD = /\\?[^\s"'`;|&<>()[\]{}=,:*?!#/\\$%^]+/g;
/** What may stand before a file name without a separator: a short option, `@file`, the directory of a batch file. */
const ATTACHED = /^(?:-[a-z]|@|~dp0|~)/;

/**
 * Tells the paths of members that commands and programs mention by their file name or by a directory they lie in, and that members
 * mentioned by file name mention in turn. Wide on purpose: every word of a name may stand anywhere, in any case. A program
 * that puts a name together while it runs is beyond it.
 */
export function mentionedMembers(search: MentionSearch): (path: string) => boolean {
  const { members, texts, isProgram, textOf } = search;
  const words = new Words();
  for (const text of texts) if (words.takes(text.length)) words.add(text);
  for (const member of members) if (member.kind === "link") words.add(member.target);
  let waiting = members;
  for (let grown = true; grown && !words.full;) {
    grown = false;
    waiting = waiting.filter((member) => {
      if (member.kind === "link" || words.full) return false;
      if (!isProgram(member) && !words.hold(baseOf(member.path))) return true;
      if (words.takes(member.bytes)) words.add(textOf(member.path) ?? "");
      grown = true;
      return false;
    });
  }
  return (path) => words.full || path.split("/").some((part) => words.hold(part));
}

/** The words of every text so far. */
class Words {
  readonly #words = new Set<string>();
  #length = 0;

  get full(): boolean {
    return this.#length > MAX_SEARCHED_LENGTH;
  }

  /** Counts a text of this length in advance; `false` when that is too much. */
  takes(length: number): boolean {
    this.#length += length;
    return !this.full;
  }

  add(text: string): void {
    for (const word of wordsOf(text)) this.#words.add(word);
  }

  /** Whether every word of a name was seen. */
  hold(name: string): boolean {
    return (folded(name).match(WORD) ?? []).every((word) => this.#words.has(trimmed(word)));
  }
}

/** With other readings of the same place: `\\n` is an escape or a separator and a letter, `-Cdocs` an option with its value. */
function wordsOf(text: string): readonly string[] {
  return (folded(text).match(WORD) ?? []).flatMap((found) => {
    const escaped = found.startsWith("\\");
    const word = trimmed(escaped ? found.slice(1) : found);
    const value = word.replace(ATTACHED, "");
    return [word, ...(escaped ? [word.slice(1)] : []), ...(value === word ? [] : [value])];
  });
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

function trimmed(word: string): string {
  return word.replace(/\.+$/, "");
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
