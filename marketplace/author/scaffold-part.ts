/** What one kind of component brings into a new plugin. */
export interface ScaffoldPart {
  /** Path in the plugin → content. */
  readonly files: Readonly<Record<string, string>>;
  /** Members of the manifest. */
  readonly manifest?: Readonly<Record<string, unknown>> | undefined;
  /** Cases for `tests/`, as YAML items of the list `cases`. */
  readonly cases: readonly string[];
  /** What the readme says that the plugin has. */
  readonly readme: string;
}
