import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { StartedImage } from "../launchers/locked-images.ts";

/** The package URL of an npm package. */
export function npmPackageUrl(name: string, version: string): string {
  const [first = "", second] = name.split("/");
  const path = second === undefined ? encoded(first) : `${encoded(first)}/${encoded(second)}`;
  return `pkg:npm/${path}@${encoded(version)}`;
}

/** The package URL of a container image by its digest. */
export function imagePackageUrl({ image: { host, repository, tag }, digest }: StartedImage): string {
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  const version = digest.replace(":", "%3A");
  return `pkg:oci/${encoded(name)}@${version}?repository_url=${encoded(`${host}/${repository}`)}&tag=${encoded(tag)}`;
}

/** The package URL of a plugin by what its bytes come from; `undefined` for a folder of a machine, which nobody else can reach. */
export function pluginPackageUrl({ id, version, source }: GenerationPlugin): string | undefined {
  switch (source.kind) {
    case "npm":
      return npmPackageUrl(source.package, source.version);
    case "git": {
      const [, owner, repository] = /^https:\/\/github\.com\/([^/]+)\/([^/]+?)(?:\.git)?$/u.exec(source.url) ?? [];
      const path = source.path === "" ? "" : `#${source.path.split("/").map(encoded).join("/")}`;
      if (owner !== undefined && repository !== undefined)
        return `pkg:github/${encoded(owner.toLowerCase())}/${encoded(repository.toLowerCase())}@${source.commit}${path}`;
      if (source.url.startsWith("file:")) return undefined;
      return `pkg:generic/${nameOf(id)}@${encoded(version)}?vcs_url=${encoded(`git+${source.url}@${source.commit}`)}${path}`;
    }
    case "archive":
      return `pkg:generic/${nameOf(id)}@${encoded(version)}?checksum=sha256:${source.sha256}&download_url=${encoded(source.url)}`;
    case "directory":
    case "command":
      return undefined;
  }
}

const nameOf = (id: string): string => encoded(id.slice(0, id.lastIndexOf("@")));

/** What a package URL leaves as it is: letters, digits and `.-_~:`. */
function encoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%3A", ":")
    .replaceAll(/[!'()*]/gu, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
