import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import { pack, type Package } from "../../marketplace/author/pack/pack.ts";
import { ioError } from "../../schemas/system-error.ts";
import { CodedError } from "../../schemas/errors.ts";
import { announced } from "../announced.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { bytesText, counted } from "../print/amount.ts";
import { bold, columns, dim, green } from "../print/style.ts";
import { requireTrust } from "../required-trust.ts";
import type { Verb, VerbResult } from "../verb.ts";

/** `plugin pack`. */
export const verb: Verb = {
  name: "pack",
  summary: "make one archive of a plugin",
  positionals: [{ name: "dir" }],
  flags: [
    { name: "out", value: "file", summary: "write it here instead of `<name>-<version>.tgz`" },
    { name: "allow", value: "path", repeatable: true, summary: "pack this file although it looks like a secret" },
    { name: "trust-workspace", summary: "trust the folder of the plugin for this run" },
  ],
  about: [
    "Compiles a code entry in TypeScript, writes what the code adds into the manifest (`plugsmith.contributes`), and says what is in the archive and why. The folder stays as it is.",
    "What code adds is learned by running it, so a plugin with code is packed only in a folder that you trust.",
    "The same content gives the same bytes. Left out are `.git`, `node_modules`, `tests` (but for files that declare `routing` prompts) and what `.gitignore` and `.pluginignore` name; a file that looks like a secret is refused.",
  ],
  examples: [
    "plugin pack",
    "plugin pack ./my-plugin --dry-run",
    "plugin pack ./my-plugin --out ./my-plugin.tgz --json",
  ],
  run: async (context, args) => packed(context, args),
};

async function packed(context: VerbContext, args: ParsedArguments): Promise<VerbResult> {
  const shown = args.positionals[0] ?? ".";
  const directory = resolve(context.cwd, shown);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CodedError("E_NOT_FOUND", `\`${shown}\` is no folder`, { hint: "name the folder of a plugin" });
  }
  const made = await pack({
    directory,
    openTree: openDirectoryTree,
    fallbackName: basename(directory),
    allowed: args.values.get("allow") ?? [],
    announcementsOf: async (folder, manifest) => {
      const what = `packing \`${manifest.name}\` runs its code`;
      if (!args.switches.has("trust-workspace")) requireTrust(directory, { what, shown }, context.environment);
      return await announced(folder, manifest, context.environment);
    },
  });
  const file = outFile(context, args, made);
  const { dryRun } = context.options;
  if (!dryRun) write(file, made.archive);
  const { manifest, files, leftOut, digest, tree } = made;
  return {
    exit: EXIT.ok,
    data: {
      outcome: dryRun ? "dry-run" : "packed",
      name: manifest.name,
      ...(manifest.version === undefined ? {} : { version: manifest.version }),
      file,
      bytes: made.archive.length,
      digest,
      tree,
      announced: made.announced,
      files: files.map(({ path, bytes, executable, why }) => ({ path, bytes: bytes.length, executable, why })),
      leftOut,
    },
    text: () => lines(made, relative(context.cwd, file), dryRun),
  };
}

function outFile(context: VerbContext, args: ParsedArguments, { manifest }: Package): string {
  const name = `${manifest.name}${manifest.version === undefined ? "" : `-${manifest.version}`}.tgz`;
  const wanted = resolve(context.cwd, valueOf(args, "out") ?? name);
  return statSync(wanted, { throwIfNoEntry: false })?.isDirectory() === true ? join(wanted, name) : wanted;
}

/** All of the archive or none: an archive of that name that was there stays when the new one cannot be written. */
function write(file: string, bytes: Uint8Array): void {
  const temporary = `${file}.${process.pid}.new`;
  try {
    writeFileSync(temporary, bytes);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw ioError("write", file, error);
  }
}

function lines(
  { files, leftOut, announced: keys, ...made }: Package,
  file: string,
  dryRun: boolean,
): readonly string[] {
  const content = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return [
    bold("in it"),
    ...columns(
      files.map(({ path, bytes, why }) => [path, bytesText(bytes.length), dim(why)]),
      "  ",
    ),
    ...(leftOut.length === 0
      ? []
      : [
          bold("left out"),
          ...columns(
            leftOut.map(({ path, why }) => [path, dim(why)]),
            "  ",
          ),
        ]),
    ...keys.map((key) => `written into the manifest: \`plugsmith.${key}\``),
    `${dryRun ? "would pack" : green("packed")} ${bold(file)}: ${counted(files.length, "file")}, ${bytesText(content)}, packed ${bytesText(made.archive.length)}`,
    `  archive ${made.digest}`,
    `  content ${made.tree}`,
  ];
}
