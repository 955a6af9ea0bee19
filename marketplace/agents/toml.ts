import { CodedError } from "../../schemas/errors.ts";

/** Reads a TOML text. Throws `E_SCHEMA` with the place of what is wrong. */
export async function parsedToml(text: string, file: string): Promise<unknown> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [what = ""] = cause.message.split("\n");
    throw new CodedError("E_SCHEMA", `\`${file}\` is not valid TOML: ${what}`, {
      cause,
      where: `${file}:${String(cause.line)}:${String(cause.column)}`,
    });
  }
}
