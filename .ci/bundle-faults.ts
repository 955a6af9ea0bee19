import type { Metafile, OutputFile } from "esbuild";

/** A dynamic import of a CommonJS package has only \`default\` after bundling, whatever its types say. */
function brokenDynamicImports(metafile: Metafile): string[] {
  return Object.entries(metafile.inputs).flatMap(([file, input]) =>
    file.startsWith("node_modules/")
      ? []
      : input.imports
          .filter((found) => found.kind === "dynamic-import" && metafile.inputs[found.path]?.format === "cjs")
          .map(
            (found) =>
              `${file}: import("${found.original ?? found.path}") reaches CommonJS, import it statically in a file of ours`,
          ),
  );
}

/** A relative \`require\` that is left over would look for a file that is not in the package. */
function leftOverRequires(files: readonly OutputFile[]): string[] {
  return files.flatMap((file) => (/\brequire\w*\("\.{1,2}\//u.test(file.text) ? [`${file.path} requires a file`] : []));
}

/** What the engine may have of packages: every verb reads it whole, so that a large one is worth a lazy module. */
const ENGINE_PACKAGES: ReadonlySet<string> = new Set(["ignore", "semver", "smol-toml", "zod"]);

/** Packages that came into the engine unseen, with the files that brought them. */
function strangePackages({ inputs }: Metafile): readonly string[] {
  const packageOf = (file: string): string => /^node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(file)?.[1] ?? "";
  return Object.entries(inputs).flatMap(([file, { imports }]) => {
    if (file.startsWith("node_modules/")) return [];
    const strange = imports
      .map(({ path }) => packageOf(path))
      .filter((name) => name !== "" && !ENGINE_PACKAGES.has(name));
    return strange.map((name) => `${file} brings \`${name}\` into the engine: make it a lazy module`);
  });
}

/** The package's own name, which nothing provides yet when the host itself is evaluated. */
function ownNames({ outputs }: Metafile): readonly string[] {
  return Object.entries(outputs).flatMap(([file, { imports }]) =>
    imports.flatMap(({ path, external }) =>
      external === true && /^plugsmith(?:\/|$)/u.test(path)
        ? [`${file} imports \`${path}\` from outside of itself`]
        : [],
    ),
  );
}

/** What was built. */
export interface Built {
  readonly built: readonly Metafile[];
  readonly engine: Metafile;
  readonly host: Metafile;
  readonly files: readonly OutputFile[];
}

/** A line for everything in a bundle that would fail at run time, or cost every verb too much. */
export function bundleFaults({ built, engine, host, files }: Built): readonly string[] {
  return [
    ...built.flatMap(brokenDynamicImports),
    ...leftOverRequires(files),
    ...strangePackages(engine),
    ...ownNames(host),
  ];
}
