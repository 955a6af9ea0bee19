/** A search as the worker is given it. */
export type SearchRequest = GlobRequest | GrepRequest;

/** Names of files below a folder. */
export interface GlobRequest {
  readonly kind: "glob";
  /** Absolute real path. */
  readonly root: string;
  readonly pattern: string;
  readonly respectIgnored: boolean;
}

/** Lines of files below a folder, or of one file. */
export interface GrepRequest {
  readonly kind: "grep";
  readonly root: string;
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  /** Of the names below `root`; absent means all. */
  readonly glob: string | undefined;
  /** Endings without the dot; absent means all. */
  readonly endings: readonly string[] | undefined;
  /** `false` counts matches only. */
  readonly lines: boolean;
  readonly before: number;
  readonly after: number;
}

/** One line of a file that a search shows. */
export interface FoundLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly isMatch: boolean;
}

/** A file that a search found. */
export interface FoundFile {
  /** Absolute. */
  readonly file: string;
  readonly modifiedMs: number;
  readonly matches: number;
  readonly lines: readonly FoundLine[];
}

/** What the worker tells. */
export type SearchMessage =
  | { readonly type: "found"; readonly files: readonly FoundFile[] }
  | { readonly type: "done"; readonly tooLarge: number; readonly complete: boolean };
