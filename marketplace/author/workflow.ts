/** What a workflow of a code host is written for. */
export interface WorkflowRequest {
  /** Whether the repository is a marketplace. */
  readonly marketplace: boolean;
  /** Version of Plugsmith that it runs. */
  readonly plugsmith: string;
}

/** A GitHub workflow that validates and tests every change. */
export function checkWorkflow({ marketplace, plugsmith }: WorkflowRequest): string {
  const verb = marketplace ? "marketplace validate" : "validate";
  return `name: plugin
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
      - run: npx --yes --package plugsmith@${plugsmith} plugin ${verb} . --strict
      - run: npx --yes --package plugsmith@${plugsmith} plugin test . --trust-workspace
`;
}

/** Where the release workflow lies in a repository. */
export const RELEASE_WORKFLOW = ".github/workflows/release.yml";

/** A GitHub workflow that gives every release tag a page with the archive of its plugin. */
export function releaseWorkflow({ marketplace, plugsmith }: WorkflowRequest): string {
  const folder = marketplace ? FOLDER_FROM_CATALOG : 'folder="."';
  return `name: release
on:
  push:
    tags: ["*--v*"]
permissions:
  contents: write
jobs:
  release:
    runs-on: ubuntu-latest
    env:
      GH_TOKEN: \${{ github.token }}
      TAG: \${{ github.ref_name }}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
      - run: npm install --global plugsmith@${plugsmith}
      - run: |
          name="\${TAG%--v*}"
          ${folder}
          plugin validate "$folder"
          plugin pack "$folder" --trust-workspace --out "$name-\${TAG##*--v}.tgz"
          gh release create "$TAG" --verify-tag --title "$name \${TAG##*--v}" --generate-notes "$name-\${TAG##*--v}.tgz"
`;
}

const FOLDER_FROM_CATALOG = [
  `folder="$(node -e '`,
  `            const { plugins, metadata } = JSON.parse(require("fs").readFileSync(".claude-plugin/marketplace.json"));`,
  `            const { source } = plugins.find(({ name }) => name === process.argv[1]);`,
  `            console.log(source.startsWith("./") ? source : (metadata?.pluginRoot ?? ".") + "/" + source);`,
  `          ' "$name")"`,
].join("\n");
