import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { keepPackages } from "../../marketplace/bundle/keep-packages.ts";
import { readBundle } from "../../marketplace/bundle/read-bundle.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { CodedError } from "../../schemas/errors.ts";
import { isDigest } from "../../schemas/lockfile.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { performChange } from "../change.ts";
import { valueOf } from "../flags.ts";
import { homeOf } from "../home.ts";
import { defaultScope, targetOf } from "../target.ts";
import type { Verb } from "../verb.ts";

/** A larger file is no bundle that could be read in memory. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;

/** `plugin bundle import`. */
export const verb: Verb = {
  name: "bundle import",
  summary: "install plugins from an archive, without a network",
  positionals: [{ name: "file", required: true }],
  flags: [{ name: "digest", value: "digest", summary: "refuse the archive unless it has this digest" }],
  about: [
    "Into the project here or `--scope`. Every digest in the archive is compared, policy is asked about each marketplace and plugin, and what can execute needs your consent, as with `plugin add`.",
    "An archive proves that it is whole, not who made it: take `--digest` from somebody whom you trust.",
  ],
  examples: [
    "plugin bundle import plugins.tar",
    "plugin bundle import plugins.tar --digest sha256-0000000000000000000000000000000000000000000000000000000000000000",
  ],
  run: async (context, args) => {
    if (context.options.scope === "local")
      throw new CodedError("E_USAGE", "a bundle is brought into a whole root, not among private picks", {
        hint: "give `--scope project` or `--scope user`",
      });
    const file = resolve(context.cwd, args.positionals[0] ?? "");
    const bytes = read(file);
    checkDigest(bytes, valueOf(args, "digest"), file);
    const home = homeOf(context.environment);
    const { services } = await context.engine();
    const bundle = readBundle(bytes, file, services.signal);
    if (!context.options.dryRun) await keepPackages(bundle.packages, home.packageCache);
    const target = targetOf(context, context.options.scope ?? defaultScope(context, home), home);
    return await performChange(context, target, { verb: "import", bundle });
  },
};

function read(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size <= MAX_FILE_BYTES) return readFileSync(file);
    throw new CodedError("E_LIMIT_ARCHIVE", `\`${file}\` has ${size} bytes, more than ${MAX_FILE_BYTES}`, {
      hint: "export fewer plugins at a time",
    });
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR"))
      throw new CodedError("E_NOT_FOUND", `\`${file}\` does not exist`, { hint: "check the path", cause: error });
    if (isSystemError(error)) throw ioError("read", file, error);
    throw error;
  }
}

function checkDigest(bytes: Uint8Array, expected: string | undefined, file: string): void {
  if (expected === undefined) return;
  if (!isDigest(expected))
    throw new CodedError("E_USAGE", `\`--digest ${expected}\` is no digest`, {
      hint: "`plugin bundle export` prints it: `sha256-` and 64 hexadecimal digits",
    });
  const got = digestOf(bytes);
  if (got === expected) return;
  throw new CodedError(
    "E_INTEGRITY",
    `\`${file}\` is not the archive that was expected: it has the digest \`${got}\``,
    {
      hint: "do not use it before you know why",
      data: { expected, got },
    },
  );
}
