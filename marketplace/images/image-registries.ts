import { createHash } from "node:crypto";
import { CodedError } from "../../schemas/errors.ts";
import {
  DEFAULT_REGISTRY,
  type ImageDigest,
  type ImageReference,
  imageText,
  isImageDigest,
} from "../../schemas/launchers/image-reference.ts";
import { isLoopback } from "../../schemas/loopback.ts";
import { isPrivateHost } from "../sources/private-host.ts";
import type { SourceRewrites } from "../sources/source-rewrites.ts";
import { type ContainerSettings, containerSettings } from "./container-settings.ts";
import type { Answer } from "../packages/registry-request.ts";
import { askRegistry } from "./registry-answer.ts";
import { registryToken } from "./registry-token.ts";
import { readChallenge } from "./registry-challenge.ts";

/** What asking registries of images needs from the composition root. */
export interface ImageRegistriesOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly rewrites: Pick<SourceRewrites, "web">;
  readonly offline: boolean;
  readonly progress: (message: string | undefined) => void;
}

/** Where the API of the default registry is. */
const DEFAULT_API = "https://registry-1.docker.io";

/** Manifests that are named by the digest of their own bytes. */
const MANIFESTS: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const ACCEPT = MANIFESTS.join(", ");

/** Registries of container images over their HTTP API, version 2. */
export class ImageRegistries {
  readonly #options: ImageRegistriesOptions;
  #settings: ContainerSettings | undefined;

  constructor(options: ImageRegistriesOptions) {
    this.#options = options;
  }

  /**
   * The digest of what a tag stands for now, computed from the manifest or index itself. Throws `E_OFFLINE`, `E_NETWORK`, `E_AUTH`,
   * `E_NOT_FOUND`, `E_INTEGRITY` when the registry says another digest than its bytes have, `E_LIMIT_SIZE` and `E_SOURCE_BLOCKED`.
   */
  async digestOf(image: ImageReference, signal: AbortSignal): Promise<ImageDigest> {
    const { headers, body } = await this.#manifest(image, "GET", signal);
    const own: ImageDigest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    const said = headers.get("docker-content-digest") ?? own;
    if (said === own) return own;
    throw new CodedError(
      "E_INTEGRITY",
      `the registry says that \`${imageText(image)}\` is \`${said}\`, and its bytes are \`${own}\``,
      { hint: "ask whoever runs the registry", data: { expected: said, got: own } },
    );
  }

  /** The digest that a registry announces for a tag, without its bytes, which some registries count: for a comparison, not for a lock. */
  async announcedDigestOf(image: ImageReference, signal: AbortSignal): Promise<ImageDigest> {
    const { headers } = await this.#manifest(image, "HEAD", signal);
    const said = headers.get("docker-content-digest");
    return isImageDigest(said) ? said : await this.digestOf(image, signal);
  }

  async #manifest(image: ImageReference, method: "GET" | "HEAD", signal: AbortSignal): Promise<Answer> {
    const { offline, progress, rewrites } = this.#options;
    const named = imageText(image);
    if (offline)
      throw new CodedError("E_OFFLINE", `the digest of \`${named}\` is not known`, {
        hint: "run it once without `--offline`",
      });
    const api = this.#apiOf(image);
    const url = new URL(rewrites.web(`${api}/v2/${image.repository}/manifests/${image.tag}`));
    // A mirror is not meant to see what opens the original.
    const credentials = url.origin === api ? this.#personal().registries.get(image.host) : undefined;
    progress(`asking ${url.host} for ${named}`);
    const ask = async (authorization: string | undefined): Promise<Answer> =>
      await askRegistry(url, { method, accept: ACCEPT, authorization, signal });
    let answer = await ask(undefined);
    if (answer.status === 401) {
      const challenge = readChallenge(answer.headers.get("www-authenticate"));
      if (challenge?.kind === "bearer") {
        const isOwn = (host: string): boolean => this.#personal().registries.has(host);
        const token = await registryToken(challenge, { registry: url, image, credentials, isOwn, signal });
        answer = await ask(`Bearer ${token}`);
      } else if (challenge !== undefined && credentials !== undefined) answer = await ask(`Basic ${credentials}`);
    }
    if (answer.status !== 200) throw this.#refusal(image, url, answer.status);
    const type = answer.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    if (MANIFESTS.includes(type)) return answer;
    throw new CodedError(
      "E_NETWORK",
      `\`${url.host}\` has for \`${named}\` what is no manifest with a digest of its own`,
      {
        hint: "push the image anew with a tool of today",
        data: { type },
      },
    );
  }

  /** Origin of the registry of an image. */
  #apiOf({ host, written }: ImageReference): string {
    if (host === DEFAULT_REGISTRY) return DEFAULT_API;
    const { hostname } = new URL(`https://${host}`);
    const isOwn = this.#personal().registries.has(host);
    if (isPrivateHost(hostname) && !isOwn)
      throw new CodedError(
        "E_SOURCE_BLOCKED",
        `\`${written}\` is asked for from \`${host}\`, which is inside a private network`,
        {
          hint: `if it is your registry, \`docker login ${host}\` writes it into your own settings`,
        },
      );
    return `${isLoopback(hostname) ? "http" : "https"}://${host}`;
  }

  #refusal(image: ImageReference, { host }: URL, status: number): CodedError {
    const named = `\`${imageText(image)}\``;
    if (status === 404)
      return new CodedError("E_NOT_FOUND", `\`${host}\` has no image ${named}`, {
        hint: "check its name and tag; an image that is only on this machine cannot be locked",
      });
    if (status !== 401 && status !== 403)
      return new CodedError("E_NETWORK", `${named} was not looked up, \`${host}\` answered ${String(status)}`, {
        hint: status === 429 ? "the registry has had enough requests for now: try again later" : "try again later",
      });
    const { registries } = this.#personal();
    const isKept = registries.has(image.host) && registries.get(image.host) === undefined;
    return new CodedError(
      "E_AUTH",
      `\`${host}\` has no image ${named}, or does not let you have it (${String(status)})`,
      {
        hint: isKept
          ? "a helper program keeps your password, and none is started: pin the image by digest in the command"
          : `\`docker login\` for ${image.host}, if the image is not for everybody`,
      },
    );
  }

  #personal(): ContainerSettings {
    return (this.#settings ??= containerSettings(this.#options.environment));
  }
}
