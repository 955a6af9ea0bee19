/** What a workflow of a code host is written for. */
export interface WorkflowRequest {
  /** Whether the repository is a marketplace. */
  readonly marketplace: boolean;
  /** Version of Plugsmith that it runs. */
  readonly plugsmith: string;
}

/** A GitHub workflow that validates every change. */
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
`;
}
