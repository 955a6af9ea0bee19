import { defineService, type Service } from "../service.ts";

/** Where the host works, and whether a person trusts that place. */
export interface Workspace {
  /** Absolute real path that the host was started in. */
  readonly directory: string;
  /** The nearest folder above with a repository or a `plugins.json`, else `directory`. */
  readonly projectDirectory: string;
  /** The home directory of the person, absolute. */
  readonly homeDirectory: string;
  /** Folder of Plugsmith's own state, absolute. */
  readonly plugsmithHome: string;
  /** Whether what the repository brings may run programs, use the network or widen permissions (DESIGN §5.1). */
  readonly trusted: boolean;
  /** Variables of the person's environment; never those of a repository. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Provided by core. */
export const workspaceService: Service<Workspace> = defineService("plugsmith/workspace");
