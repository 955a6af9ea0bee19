/** A file that holds a secret because the test itself put it there, or because the program that keeps it did. */
interface WrittenSecret {
  /** Below `test`. */
  readonly test: string;
  /** The whole path below the place. */
  readonly path: RegExp;
  readonly why: string;
}

const WRITTEN: readonly WrittenSecret[] = [
  {
    test: "attacks/hooks.test.ts",
    path: /^seen$/u,
    why: "the hook prints its environment, in which its plugin declared that one variable",
  },
  {
    test: "attacks/secrets.test.ts",
    path: /^seen$/u,
    why: "the hook of the plugin whose option it is writes it down",
  },
  {
    test: "attacks/secrets.test.ts",
    path: /^home\/\.npmrc$/u,
    why: "the person's own file, where npm has tokens",
  },
  {
    test: "marketplace/sources/git-runner.test.ts",
    path: /^person\/\.gitconfig$/u,
    why: "the person's own file, whose credential helper prints the password",
  },
  {
    test: "marketplace/sources/npm-sources.test.ts",
    path: /^home\/\.npmrc$/u,
    why: "the person's own file, where npm has tokens",
  },
  {
    test: "e2e/npm-packages.test.ts",
    path: /^home\/\.npmrc$/u,
    why: "the person's own file, where npm has tokens",
  },
  {
    test: "marketplace/images/image-registries.test.ts",
    path: /^\.docker\/config\.json$/u,
    why: "the person's own file, where docker has passwords",
  },
  {
    test: "core/secrets/backends.test.ts",
    path: /^passphrase$/u,
    why: "what the descriptor leads to that the person named",
  },
  {
    test: "core/secrets/backends.test.ts",
    path: /^vault\/fmt@acme:token$/u,
    why: "the store of the person's own program",
  },
  {
    test: "attacks/git.test.ts",
    path: /^secret$/u,
    why: "the person's own file, to which a repository links",
  },
];

/** Whether a file at the place of a test is one of those that hold a secret on purpose. */
export function isWrittenByTest(test: string, file: string): boolean {
  return WRITTEN.some(({ test: one, path }) => one === test && path.test(file));
}
