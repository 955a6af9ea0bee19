import { defineService, type Service } from "../service.ts";

/** Where the host works, and whether a person trusts that place. */
export interface Workspace {
  /** Absolute real path that the host was started in. */
  readonly directory: string;
  /**
   * The nearest folder, from `directory` up, with a `.git`, a `plugins.json` or a `.plugsmith`, else `directory`; never the
   * person's own home nor what lies above it.
   */
  readonly projectDirectory: string;
  /** The home directory of the person, absolute. */
  readonly homeDirectory: string;
  /** Folder of Plugsmith's own state, absolute. */
  readonly plugsmithHome: string;
  /** Whether what the repository brings may run programs, use the network or widen permissions (DESIGN §5.1). */
  readonly trusted: boolean;
  /** Variables of the person's environment; never those of a repository, nor those that hold secrets of plugins. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Provided by core. */
export const workspaceService: Service<Workspace> = defineService("plugsmith/workspace");
