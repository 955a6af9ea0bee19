import { parse } from "yaml";

/** Reads a YAML document, which JSON is too. Throws for what is none; aliases are capped by the parser. */
export function parseYaml(text: string): unknown {
  return parse(text);
}
