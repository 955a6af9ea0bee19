import satisfies from "semver/functions/satisfies.js";
import valid from "semver/functions/valid.js";
import validRange from "semver/ranges/valid.js";

/** Whether a text is a range of versions as node-semver reads them. */
export function isVersionRange(text: string): boolean {
  return text.trim() !== "" && validRange(text) !== null;
}

/** Whether a range names one version: `1.2.3` or `=1.2.3`. */
export function namesOneVersion(range: string): boolean {
  return valid(range.trim().replace(/^=\s*/u, "")) !== null;
}

/** Whether a version lies in a range. */
export function isVersionIn(version: string, range: string): boolean {
  return version === range || satisfies(version, range);
}
