/** How a registry wants to be asked: with a token from somewhere, or with name and password. */
export type RegistryChallenge =
  | { readonly kind: "bearer"; readonly realm: string; readonly service: string | undefined }
  | { readonly kind: "basic" };

const PARAMETER = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/giu;

/** Reads a `WWW-Authenticate` header; `undefined` when it names no way that is known here. */
export function readChallenge(header: string | null): RegistryChallenge | undefined {
  const [, scheme = "", rest = ""] = /^\s*([A-Za-z]+)(?:\s+(.*))?$/su.exec(header ?? "") ?? [];
  if (scheme.toLowerCase() === "basic") return { kind: "basic" };
  if (scheme.toLowerCase() !== "bearer") return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, plain = ""] of rest.matchAll(PARAMETER))
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/gu, "$1") ?? plain);
  const realm = parameters.get("realm");
  return realm === undefined ? undefined : { kind: "bearer", realm, service: parameters.get("service") };
}
