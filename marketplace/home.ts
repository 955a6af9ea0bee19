import { join } from "node:path";

/** Every path below one Plugsmith home (DESIGN §4). All absolute. */
export interface Home {
  readonly directory: string;
  readonly intent: string;
  readonly lock: string;
  readonly store: string;
  readonly trees: string;
  /** One file with the manifests, the lists of files and what inspection found (`schemas/store-index.ts`). */
  readonly index: string;
  readonly staging: string;
  readonly marketplaces: string;
  /** Everything that can be deleted at any time. */
  readonly cacheRoot: string;
  readonly gitCache: string;
  /** Tarballs of npm packages, by digest. */
  readonly packageCache: string;
  /** People's view: relative links `<market>/<plugin>/<version>` into the store. */
  readonly cache: string;
  readonly state: string;
  readonly generations: string;
  /** Symbolic link to the current generation file; its rename is the commit point. */
  readonly current: string;
  /** One file, present only while a commit is under way or was interrupted. */
  readonly journal: string;
  readonly mutex: string;
  readonly leases: string;
  readonly data: string;
  readonly audit: string;
  /** What is written for other agents, a folder an agent and root. */
  readonly agents: string;
  /** What is remembered of other agents (`agents/agent-state.ts`). */
  readonly agentState: string;
  readonly agentMutex: string;
  /** Which repository was found at each source (`sources/source-memory.ts`). */
  readonly sources: string;
  /** Who has an entry where secrets are kept. */
  readonly secretOwners: string;
  /** Secrets themselves, where a person chose the encrypted file. */
  readonly encryptedSecrets: string;
}

/** Lays out the paths of a home directory; touches nothing. */
export function homeAt(directory: string): Home {
  const state = join(directory, "state");
  const store = join(directory, "store");
  return {
    directory,
    intent: join(directory, "plugins.json"),
    lock: join(directory, "plugins.lock"),
    store,
    trees: join(store, "trees"),
    index: join(store, "index"),
    staging: join(store, "staging"),
    marketplaces: join(directory, "marketplaces"),
    cacheRoot: join(directory, "cache"),
    gitCache: join(directory, "cache", "git"),
    packageCache: join(directory, "cache", "npm"),
    cache: join(directory, "cache", "plugins"),
    state,
    generations: join(state, "generations"),
    current: join(state, "current"),
    journal: join(state, "journal"),
    mutex: join(state, "mutex.sqlite"),
    leases: join(directory, "leases"),
    data: join(directory, "data"),
    audit: join(directory, "audit"),
    agents: join(directory, "agents"),
    agentState: join(state, "agents.json"),
    agentMutex: join(state, "agents.sqlite"),
    sources: join(state, "sources"),
    secretOwners: join(state, "secrets"),
    encryptedSecrets: join(state, "encrypted-secrets"),
  };
}
