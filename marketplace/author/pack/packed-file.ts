/** One file of a package. */
export interface PackedFile {
  /** POSIX, relative to the plugin. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
  /** Why it is in it, for people. */
  readonly why: string;
}

/** Something of the folder that is in no package. */
export interface LeftOut {
  /** POSIX, relative to the plugin; a folder ends with `/`. */
  readonly path: string;
  readonly why: string;
}
