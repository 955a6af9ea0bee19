/** A directory that administrators write and its one main document; drop-ins are the `*.json` of a directory beside it. */
export interface ManagedPlace {
  readonly directory: string;
  readonly document: string;
  readonly dropIns: string;
}

const NAMES = [
  { folder: { linux: "plugsmith", other: "Plugsmith" }, document: "managed.json", dropIns: "managed.d" },
  // The file that administrators of other agents already distribute (formats.md §8.1); it is read, never written.
  {
    folder: { linux: "claude-code", other: "ClaudeCode" },
    document: "managed-settings.json",
    dropIns: "managed-settings.d",
  },
] as const;

/**
 * Where managed policy lies on a platform, ours first.
 * Constants on purpose: no variable, flag or setting can move policy out of the way (attacks.md PB15).
 */
export function managedPlaces(platform: NodeJS.Platform): readonly ManagedPlace[] {
  return NAMES.map(({ folder, document, dropIns }) => {
    switch (platform) {
      case "win32":
        return place(`C:\\Program Files\\${folder.other}`, "\\", document, dropIns);
      case "darwin":
        return place(`/Library/Application Support/${folder.other}`, "/", document, dropIns);
      default:
        return place(`/etc/${folder.linux}`, "/", document, dropIns);
    }
  });
}

function place(directory: string, separator: string, document: string, dropIns: string): ManagedPlace {
  return {
    directory,
    document: `${directory}${separator}${document}`,
    dropIns: `${directory}${separator}${dropIns}`,
  };
}
