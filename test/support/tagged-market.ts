import { FixtureRepository } from "./git-repository.ts";
import { type FixturePlugin, marketFiles } from "./plugin-files.ts";

/** A bare git marketplace whose commits are releases. */
export interface TaggedMarket {
  readonly repository: FixtureRepository;
  /** `file://` address. */
  readonly url: string;
  /** Commits a state of all plugins and tags every named release `<plugin>--v<version>`. Returns the commit. */
  readonly release: (
    plugins: Readonly<Record<string, FixturePlugin>>,
    tagged?: readonly string[],
    catalog?: Readonly<Record<string, unknown>>,
  ) => string;
}

/** Creates a git marketplace in a directory. */
export function taggedMarket(name: string, directory: string): TaggedMarket {
  const repository = new FixtureRepository(directory);
  let before: Readonly<Record<string, string>> = {};
  return {
    repository,
    url: `file://${directory}`,
    release(plugins, tagged = Object.keys(plugins), catalog) {
      const files = marketFiles({ name, plugins, ...(catalog === undefined ? {} : { catalog }) });
      const gone = Object.fromEntries(Object.keys(before).map((path) => [path, undefined]));
      before = files;
      const tags = tagged.flatMap((plugin) => {
        const version = plugins[plugin]?.version;
        return version === undefined ? [] : [`${plugin}--v${version}`];
      });
      const [commit = ""] = repository.commit([{ files: { ...gone, ...files }, tags }]);
      return commit;
    },
  };
}
