import { CodedError } from "./errors.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const MAX_NAME_LENGTH = 128;
/** Base names that Windows keeps for devices; names become directory names. */
const DEVICES = "con|prn|aux|nul|com[0-9]|lpt[0-9]";
const DEVICE = new RegExp(`^(?:${DEVICES})(?:\\..*)?$`, "i");

/** Names that stand for a place of their own in ids and never for a marketplace that somebody adds. */
const PSEUDO_MARKETPLACES: readonly string[] = [
  "inline",
  "builtin",
  "skills-dir",
  "synced",
  "local",
  "user",
  "project",
  "path",
  "managed",
];

/** Catalogs that another vendor publishes under names of its own. */
const VENDOR_CATALOGS: readonly string[] = [
  "agent-skills",
  "anthropic-agent-skills",
  "anthropic-marketplace",
  "anthropic-plugins",
  "claude-code-marketplace",
  "claude-code-plugins",
  "claude-community",
  "claude-plugins-community",
  "claude-plugins-official",
  "financial-services-plugins",
  "knowledge-work-plugins",
  "life-sciences",
];

/** Marketplace names beyond those that the same client keeps: usable here, with a notice. */
const VENDOR_MARKETPLACE =
  /^(?:claude-plugin-test|npm|pip|uv|cargo|github|gh|claudeai-.*|(?:claude|anthropic)(?:-.*)?-official|official-(?:claude|anthropic)-.*)$/;

/** Marketplace names that its validator takes for an imitation of its own catalogs. */
const VENDOR_IMITATION =
  /official[^a-z0-9]*(?:claude|anthropic)|(?:claude|anthropic)[^a-z0-9]*official|^(?:claude|anthropic)[^a-z0-9]*(?:marketplace|plugins|directory)|^claude-plugin-test$/i;

/** Plugin names that the same client's validator refuses outside its own catalogs (formats.md §1.2). */
const VENDOR_PLUGIN =
  /^(?:(?:claude|anthropic|anthropics|cc-plugin)-.*|claude|anthropic|anthropics|(?:.*-)?(?:official-(?:claude|anthropic)|(?:claude|anthropic)-official)(?:-.*)?)$/;

/** The name of a plugin's data folder (formats.md §1.6); it holds no dot, so that a dot makes a name of our own. */
export function dataFolderName(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9_-]/g, "-");
}

/** Why a text is no name of a plugin or marketplace; `undefined` when it is one. Lower-case clause for a message. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.length > MAX_NAME_LENGTH) return `has ${name.length} characters, more than ${MAX_NAME_LENGTH}`;
  if (!NAME.test(name))
    return "may hold only ASCII letters, digits, `.`, `_` and `-`, and must start with a letter or digit";
  if (name.includes("..")) return "may not hold `..`";
  if (name.endsWith(".")) return "may not end with `.`";
  if (DEVICE.test(name)) return "is a device name on Windows";
  if (Object.hasOwn(Object.prototype, name) || name === "prototype") return "is a member of every JavaScript object";
  return undefined;
}

/** Refuses what is no plugin name with `E_NAME`. */
export function checkPluginName(name: string): void {
  refuse("plugin", name, nameProblem(name));
}

/** Refuses what is no marketplace name, and pseudo-names such as `local`, with `E_NAME`. */
export function checkMarketplaceName(name: string): void {
  refuse("marketplace", name, marketplaceNameProblem(name));
}

/** Why a text cannot name an added marketplace; `undefined` when it can. */
export function marketplaceNameProblem(name: string): string | undefined {
  const problem = nameProblem(name);
  if (problem !== undefined) return problem;
  return PSEUDO_MARKETPLACES.includes(canonicalName(name)) ? "is reserved" : undefined;
}

/** Whether another vendor's client keeps this marketplace name for itself. */
export function isVendorName(name: string): boolean {
  return isVendorCatalog(name) || VENDOR_MARKETPLACE.test(canonicalName(name));
}

/** Whether this is the name of a catalog that another vendor publishes. */
export function isVendorCatalog(name: string): boolean {
  return VENDOR_CATALOGS.includes(canonicalName(name));
}

/** Whether another vendor's validator refuses this marketplace name; the names of its catalogs, to the letter, are its own. */
export function isVendorImitation(name: string): boolean {
  return VENDOR_IMITATION.test(name) && !VENDOR_CATALOGS.includes(name.toLowerCase());
}

/** Whether another vendor's validator refuses this plugin name in foreign catalogs. */
export function isVendorPluginName(name: string): boolean {
  return VENDOR_PLUGIN.test(canonicalName(name));
}

/** Whether a name is lower-case words of ASCII letters and digits, joined by single `-`. */
export function isKebab(name: string): boolean {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name);
}

/** The form in which two names are the same name: case, `_` against `-`, and outer separators do not count. */
export function canonicalName(name: string): string {
  if (isKebab(name)) return name;
  return name
    .toLowerCase()
    .replace(/[_-]+/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
}

/** The form in which two names look alike to a reader, e.g. `acrne` and `acme`, `paypaI` and `paypal`. */
export function confusableName(name: string): string {
  return canonicalName(name.replaceAll("I", "l"))
    .replaceAll("rn", "m")
    .replaceAll("vv", "w")
    .replaceAll("cl", "d")
    .replace(/[1|i]/g, "l")
    .replaceAll("0", "o")
    .replaceAll("5", "s")
    .replace(/[.-]/g, "");
}

/** Number of insertions, deletions, replacements and swaps of neighbours between two texts; stops counting above `limit`. */
export function editDistance(left: string, right: string, limit: number = Number.POSITIVE_INFINITY): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      }
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, right.length);
}

/** The candidate that a person most likely meant; `undefined` when none is near. Ties go to the first. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  let found: string | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    found = candidate;
    limit = distance - 1;
    if (limit < 0) break;
  }
  return found;
}

/** Controls, bidirectional and zero-width characters, tag characters, line separators; a joiner inside an emoji stays. */
const HIDDEN =
  // oxlint-disable-next-line no-misleading-character-class -- every member is meant alone
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d|\p{Surrogate}/gu;

/** Makes control and invisible characters visible as `\u{…}` so that foreign text cannot act on a terminal or a reader. */
export function escapeControl(text: string, options: { readonly keepLines?: boolean } = {}): string {
  // Nearly all text is of this kind, and `HIDDEN` is dear to compile.
  if (/^[ -~]*$/u.test(text)) return text;
  return text.replace(HIDDEN, (found) => {
    if (options.keepLines === true && (found === "\n" || found === "\t")) return found;
    if (found === "\n") return String.raw`\n`;
    if (found === "\t") return String.raw`\t`;
    if (found === "\r") return String.raw`\r`;
    return `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}

function refuse(what: string, name: string, problem: string | undefined): void {
  if (problem === undefined) return;
  throw new CodedError("E_NAME", `${what} name \`${escapeControl(name.slice(0, MAX_NAME_LENGTH))}\` ${problem}`, {
    hint: "use a name such as `my-name`",
  });
}

const PLAIN_NAME = `(?!(?:${DEVICES}|constructor|prototype)(?:@|$))[a-z0-9]+(?:-[a-z0-9]+)*`;
const PLAIN_ID = new RegExp(`^${PLAIN_NAME}@${PLAIN_NAME}$`);

/** Whether a text is at a glance a plugin id in its canonical spelling, as nearly all are; a policy may have a thousand. */
export function isPlainPluginId(id: string): boolean {
  return id.length <= MAX_NAME_LENGTH && PLAIN_ID.test(id);
}

/** The two parts of a plugin id `name@market`; `undefined` when it is none. Pseudo-marketplaces such as `local` count. */
export function parsePluginId(id: string): { readonly name: string; readonly market: string } | undefined {
  const at = id.indexOf("@");
  if (at < 0) return undefined;
  const [name, market] = [id.slice(0, at), id.slice(at + 1)];
  return nameProblem(name) === undefined && nameProblem(market) === undefined ? { name, market } : undefined;
}
