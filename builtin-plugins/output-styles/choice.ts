import type { Contributed, FileContribution, PluginInfo } from "plugsmith/plugin-api";

/** An output style under the name by which it is chosen. */
export interface Style {
  /** `plugin:name`, of loose folders the bare name. */
  readonly name: string;
  readonly plugin: PluginInfo;
  readonly file: string;
  readonly keepsCoding: boolean;
  /** Its plugin applies it whatever a person chose. */
  readonly forced: boolean;
}

/** What is to be applied: a style, none, or none because the chosen one cannot be found. */
export type Choice =
  | { readonly kind: "style"; readonly style: Style }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly reason: string };

/** Names that mean the behaviour without any style. */
const NONE: ReadonlySet<string> = new Set(["", "default"]);

/** Chooses among the contributed styles: the first that its plugin forces, else the one that a person named (formats.md §5.3). */
export function chooseStyle(contributed: readonly Contributed<FileContribution>[], wanted: string | undefined): Choice {
  const styles = contributed.map(styleOf);
  const forced = styles.find((style) => style.forced);
  if (forced !== undefined) return { kind: "style", style: forced };
  if (wanted === undefined || NONE.has(wanted.toLowerCase())) return { kind: "none" };
  const named = styles.filter(({ name }) => name === wanted);
  const found = named.length > 0 ? named : styles.filter(({ name }) => name.endsWith(`:${wanted}`));
  const [style, ...others] = found;
  if (style !== undefined && others.length === 0) return { kind: "style", style };
  const list = (some: readonly Style[]): string => some.map(({ name }) => `\`${name}\``).join(", ");
  const there = styles.length === 0 ? "there are none" : `there are ${list(styles)}`;
  const why = style === undefined ? `is not there; ${there}` : `stands for several: ${list(found)}`;
  return { kind: "unknown", reason: `output style \`${wanted}\` ${why}` };
}

function styleOf({ plugin, value }: Contributed<FileContribution>): Style {
  const loose = plugin.tier === "loose";
  return {
    name: loose ? value.name : `${plugin.name}:${value.name}`,
    plugin,
    file: value.file,
    keepsCoding: value.fields?.["keepCodingInstructions"] === true,
    forced: !loose && value.fields?.["forceForPlugin"] === true,
  };
}
