/** Digest of an image's manifest or index, as registries write it. */
export type ImageDigest = `sha256:${string}`;

/** What the image word of a container command means, with everything that it leaves out filled in. */
export interface ImageReference {
  /** The name as it was written, without tag and digest. */
  readonly written: string;
  /** With a port where one is named, e.g. `docker.io`. */
  readonly host: string;
  /** Path in the registry, e.g. `library/redis`. */
  readonly repository: string;
  readonly tag: string;
  /** What the command itself pins; it counts, whatever the tag is. */
  readonly digest?: ImageDigest | undefined;
}

/** The registry of names without a host. */
export const DEFAULT_REGISTRY = "docker.io";
const OLD_DEFAULT_REGISTRY = "index.docker.io";
const OFFICIAL = "library/";
const KEY = "oci:";

const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = new RegExp(String.raw`^(?:${LABEL}(?:\.${LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]{1,5})?$`, "u");
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`, "u");
const TAG = /^\w[\w.-]{0,127}$/u;
const MAX_NAME_LENGTH = 255;

/** Whether a text is the digest of an image. */
export function isImageDigest(text: unknown): text is ImageDigest {
  return typeof text === "string" && /^sha256:[0-9a-f]{64}$/u.test(text);
}

/** Reads an image as docker does: default registry, `library/`, `latest`. A text says why it is none that a registry has. */
export function readImage(text: string): ImageReference | string {
  if (/^(?:sha256:)?[0-9a-f]{64}$/u.test(text)) return "it names an image by an id that only one machine knows";
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isImageDigest(digest)) return "what follows the `@` of its image is no sha256 digest";
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.lastIndexOf(":");
  const hasTag = colon > tagged.lastIndexOf("/");
  const [written, tag] = hasTag ? [tagged.slice(0, colon), tagged.slice(colon + 1)] : [tagged, "latest"];
  const { host, repository } = splitHost(written);
  if (!TAG.test(tag) || !HOST.test(host) || !REPOSITORY.test(repository) || written.length > MAX_NAME_LENGTH)
    return "its image is no name that a registry can have";
  return { written, host, repository, tag, ...(digest === undefined ? {} : { digest }) };
}

/** A first part is a host when it has a dot, a port or a capital, or is `localhost`. */
function splitHost(name: string): Pick<ImageReference, "host" | "repository"> {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = /[.:A-Z]/u.test(first) || first === "localhost";
  const [host, rest] = isHost ? [first, name.slice(slash + 1)] : [DEFAULT_REGISTRY, name];
  if (host !== DEFAULT_REGISTRY && host !== OLD_DEFAULT_REGISTRY) return { host, repository: rest };
  return { host: DEFAULT_REGISTRY, repository: rest.includes("/") ? rest : `${OFFICIAL}${rest}` };
}

/** Whether an image was written with the host of its registry. */
export function namesHost({ written }: ImageReference): boolean {
  return splitHost(written).host !== DEFAULT_REGISTRY || /^(?:index\.)?docker\.io\//u.test(written);
}

/** An image with its tag, in full: what people and registries know it by. */
export function imageText({ host, repository, tag }: Omit<ImageReference, "written" | "digest">): string {
  return `${host}/${repository}:${tag}`;
}

/** What a lock knows an image by; no npm package has a colon in its name. */
export function imageKey(image: ImageReference): string {
  return `${KEY}${imageText(image)}`;
}

/** The image of a key of a lock; `undefined` when it is none. */
export function imageOfKey(key: string): ImageReference | undefined {
  if (!key.startsWith(KEY)) return undefined;
  const image = readImage(key.slice(KEY.length));
  return typeof image === "string" || image.digest !== undefined || imageKey(image) !== key ? undefined : image;
}

/** The word that starts exactly these bytes: the name as it was written, with a digest in place of its tag. */
export function pinnedImage({ written }: ImageReference, digest: ImageDigest): string {
  return `${written}@${digest}`;
}

/** An image in full with its digest, for people. */
export function fullImage(image: ImageReference, digest: ImageDigest): string {
  return `${imageText(image)}@${digest}`;
}
