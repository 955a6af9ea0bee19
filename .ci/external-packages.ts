/** Native or very large packages: they stay dependencies of the tarball, everything else is bundled. */
export const EXTERNAL: readonly string[] = [
  "@napi-rs/keyring",
  "@anthropic-ai/sdk",
  "@modelcontextprotocol/sdk",
  "libnpmpublish",
  "@cyclonedx/cyclonedx-library",
];
