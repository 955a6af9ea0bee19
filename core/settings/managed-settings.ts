import { readSettings, settingsOf, type SettingsValues } from "../../schemas/settings-file.ts";
import type { ManagedFile } from "../platform/managed-files.ts";
import { managedJson } from "./managed-json.ts";
import { managedPlaces } from "../platform/managed-paths.ts";

/** What managed files say beside policy. */
export interface ManagedValues {
  readonly file: string;
  readonly values: SettingsValues;
}

/**
 * The values of managed files, strongest first: ours before those of other agents, of each the drop-ins, the last by name
 * first, before the main document. A file that cannot be believed or read says what it said `before`, at first nothing; policy
 * reports it and is closed by it, and reports what is wrong with the others.
 */
export function managedValues(
  files: readonly ManagedFile[],
  before: (file: string) => SettingsValues | undefined,
): readonly ManagedValues[] {
  const places = managedPlaces(process.platform);
  const rank = (file: string): number => {
    const at = places.findIndex(({ directory }) => file.startsWith(directory));
    return at * 2 + (places[at]?.document === file ? 1 : 0);
  };
  return files
    .toReversed()
    .toSorted((left, right) => rank(left.file) - rank(right.file))
    .flatMap((file) => {
      const values = (file.trusted ? valuesOf(file) : undefined) ?? before(file.file);
      return values === undefined ? [] : [{ file: file.file, values }];
    });
}

/** Comments close the policy of a file; what its settings deny counts all the same. */
function valuesOf(file: Extract<ManagedFile, { readonly trusted: true }>): SettingsValues | undefined {
  return settingsOf(() => managedJson(file), file.file).value ?? readSettings(file.text, file.file).value;
}
