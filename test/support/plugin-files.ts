/** A plugin of a test's marketplace, as data. */
export interface FixturePlugin {
  readonly version?: string | undefined;
  readonly dependencies?: readonly unknown[] | undefined;
  /** Skill names; one with a description of its own is made for each. Default: one called like the plugin. */
  readonly skills?: readonly string[] | undefined;
  /** Further fields of plugin.json. */
  readonly manifest?: Readonly<Record<string, unknown>> | undefined;
  /** Further files, relative to the plugin. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Fields of the catalog entry beside `name` and `source`. */
  readonly entry?: Readonly<Record<string, unknown>> | undefined;
  /** Folder; default `plugins/<name>`. */
  readonly folder?: string | undefined;
}

/** A marketplace of a test, as data. */
export interface FixtureMarket {
  readonly name: string;
  readonly plugins: Readonly<Record<string, FixturePlugin>>;
  /** Further fields of marketplace.json. */
  readonly catalog?: Readonly<Record<string, unknown>> | undefined;
}

/** The files of one plugin, relative to its folder. */
export function pluginFiles(name: string, plugin: FixturePlugin): Readonly<Record<string, string>> {
  const manifest = {
    name,
    description: `the ${name} plugin`,
    author: { name: "Fixture" },
    ...(plugin.version === undefined ? {} : { version: plugin.version }),
    ...(plugin.dependencies === undefined ? {} : { dependencies: plugin.dependencies }),
    ...plugin.manifest,
  };
  const files: Record<string, string> = { ".claude-plugin/plugin.json": `${JSON.stringify(manifest, null, 2)}\n` };
  for (const skill of plugin.skills ?? [name]) {
    files[`skills/${skill}/SKILL.md`] = `---\nname: ${skill}\ndescription: Does ${skill}.\n---\n\nDo ${skill}.\n`;
  }
  return { ...files, ...plugin.files };
}

/** The files of a marketplace, relative to its root. */
export function marketFiles(market: FixtureMarket): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const entries: unknown[] = [];
  for (const [name, plugin] of Object.entries(market.plugins)) {
    const folder = plugin.folder ?? `plugins/${name}`;
    for (const [path, text] of Object.entries(pluginFiles(name, plugin))) files[`${folder}/${path}`] = text;
    entries.push({ name, source: `./${folder}`, ...plugin.entry });
  }
  const catalog = {
    name: market.name,
    owner: { name: "Fixture" },
    description: "fixture",
    plugins: entries,
    ...market.catalog,
  };
  files[".claude-plugin/marketplace.json"] = `${JSON.stringify(catalog, null, 2)}\n`;
  return files;
}
