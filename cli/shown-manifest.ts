import type { PluginManifest } from "../schemas/plugin-manifest.ts";

const WEB_ADDRESS = /^https?:\/\//iu;
const SCHEME = /^[a-z][a-z0-9+.-]*:/iu;
const REPOSITORY_SCHEMES = /^(?:(?:git\+)?(?:https?|ssh)|git|github|gitlab|bitbucket):/iu;

/** A manifest as a document shows it: without addresses that harm whoever makes links of them, `javascript:` ones for instance. */
export function shownManifest(manifest: PluginManifest): PluginManifest {
  const { author, homepage, repository, ...rest } = manifest;
  return {
    ...rest,
    ...(author !== undefined && { author: shownAuthor(author) }),
    ...(homepage !== undefined && WEB_ADDRESS.test(homepage) && { homepage }),
    ...(repository !== undefined && isRepository(repository) && { repository }),
  };
}

function shownAuthor({ url, ...author }: NonNullable<PluginManifest["author"]>): PluginManifest["author"] {
  return { ...author, ...(url !== undefined && WEB_ADDRESS.test(url) && { url }) };
}

/** Browsers skip blanks and control characters in a scheme. */
function isRepository(text: string): boolean {
  const plain = text.replaceAll(/[\u0000-\u0020]/gu, "");
  return !SCHEME.test(plain) || REPOSITORY_SCHEMES.test(plain);
}
