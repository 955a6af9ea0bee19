/** One thing that a version of a plugin adds. Every text of the model is safe to show: control characters are escaped. */
export interface SiteComponent {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** Something of a version that can execute, with its full command. */
export interface SiteExecutable {
  readonly kind: string;
  readonly name: string;
  readonly display: string;
}

/** What a version needs. `id` is `name@market`. */
export interface SiteNeed {
  readonly id: string;
  readonly range: string;
}

/** One line of a text, as it stands in one or both of two versions. */
export interface DiffLine {
  readonly mark: "+" | "-" | " " | "@";
  readonly text: string;
}

/** A file that two versions do not have alike. */
export interface SiteFileChange {
  readonly change: "added" | "removed" | "changed";
  readonly path: string;
  /** Absent for what is no text, or too long. */
  readonly lines?: readonly DiffLine[] | undefined;
}

/** One fact that only one of two versions has, in one line. */
export interface FactChange {
  readonly mark: "+" | "-";
  readonly text: string;
}

/** What a version changes against the next older one. */
export interface SiteChanges {
  readonly from: string;
  readonly facts: readonly FactChange[];
  readonly tokensDelta: number;
  readonly bytesDelta: number;
  readonly files: readonly SiteFileChange[];
  /** How many more files differ than are listed. */
  readonly more: number;
}

/** What is known about the files of one version. */
export interface SiteVersion {
  readonly version: string;
  /** Name of its page, unique within the plugin and fit for a path. */
  readonly slug: string;
  /** It is what a range-less `add` installs. */
  readonly current: boolean;
  /** Where its bytes come from, e.g. a tag or commit; empty for a plain folder. */
  readonly origin: string;
  readonly components: readonly SiteComponent[];
  readonly executables: readonly SiteExecutable[];
  readonly needs: readonly SiteNeed[];
  readonly tokens: number;
  readonly bytes: number;
  readonly files: number;
  /** Digest of its files. */
  readonly tree: string;
  /** What the reader found wrong, in one line each. */
  readonly findings: readonly string[];
  readonly changes?: SiteChanges | undefined;
}

/** A link that may be shown: an absolute http or https URL. */
export interface SiteLink {
  readonly label: string;
  readonly url: string;
}

/** One entry of the catalog with everything that its pages show. */
export interface SitePlugin {
  readonly name: string;
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly tags: readonly string[];
  readonly author: string;
  readonly license: string;
  readonly links: readonly SiteLink[];
  /** Version on offer as the catalog or the files say; empty when neither does. */
  readonly version: string;
  /** Newest first; empty when `problem` says why. */
  readonly versions: readonly SiteVersion[];
  /** How many older versions are not shown. */
  readonly moreVersions: number;
  readonly problem?: string | undefined;
  /** Markdown as its author wrote it, not rendered and not safe. */
  readonly readme?: string | undefined;
}

/** A marketplace with all its plugins, in catalog order. */
export interface SiteMarket {
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  /** What `plugin marketplace add` takes; absent when nobody said where it is published. */
  readonly source?: string | undefined;
  readonly plugins: readonly SitePlugin[];
}

/** The version of a plugin that its page is about. */
export function shownVersion(plugin: SitePlugin): SiteVersion | undefined {
  return plugin.versions.find((version) => version.current) ?? plugin.versions[0];
}
