/** Where the pages of a site find each other, as seen from the page that is being made. */
export interface SiteLinks {
  readonly front: string;
  readonly plugin: (name: string) => string;
  /** Absent where versions have no pages. */
  readonly version?: ((name: string, slug: string) => string) | undefined;
  readonly asset: (file: string) => string;
}

/** Path of a plugin's page below the site. */
export function pluginPath(name: string): string {
  return `p/${name}.html`;
}

/** Path of a version's page below the site. */
export function versionPath(name: string, slug: string): string {
  return `v/${name}/${slug}.html`;
}

/** Links relative to a page of a static site, so that it works below any address and from a folder. */
export function relativeLinks(path: string): SiteLinks {
  const up = "../".repeat(path.split("/").length - 1);
  return {
    front: `${up}index.html`,
    plugin: (name) => `${up}${pluginPath(encodeURIComponent(name))}`,
    version: (name, slug) => `${up}${versionPath(encodeURIComponent(name), encodeURIComponent(slug))}`,
    asset: (file) => `${up}assets/${file}`,
  };
}
