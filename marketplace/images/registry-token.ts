import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { readJson } from "../../schemas/json-text.ts";
import type { ImageReference } from "../../schemas/launchers/image-reference.ts";
import { isRecord } from "../../schemas/record.ts";
import { isPrivateHost } from "../sources/private-host.ts";
import { askRegistry } from "./registry-answer.ts";
import type { RegistryChallenge } from "./registry-challenge.ts";

/** What a token is asked for with. */
export interface TokenRequest {
  readonly registry: URL;
  readonly image: ImageReference;
  /** Base64 of `user:password`; nobody's when absent. */
  readonly credentials: string | undefined;
  /** Whether the person's own settings name a host. */
  readonly isOwn: (host: string) => boolean;
  readonly signal: AbortSignal;
}

const MAX_TOKEN_LENGTH = 32_768;

/**
 * Asks for a token that reads one image, where its registry says. Throws `E_SOURCE_BLOCKED` for a place that is neither on the registry
 * nor a public https address, `E_AUTH`, and what `askRegistry` throws.
 */
export async function registryToken(
  { realm, service }: Extract<RegistryChallenge, { kind: "bearer" }>,
  { registry, image, credentials, isOwn, signal }: TokenRequest,
): Promise<string> {
  const url = URL.parse(realm);
  const isFine =
    url !== null &&
    url.username === "" &&
    url.password === "" &&
    (url.origin === registry.origin ||
      (url.protocol === "https:" && (!isPrivateHost(url.hostname) || isOwn(url.host))));
  if (!isFine)
    throw new CodedError(
      "E_SOURCE_BLOCKED",
      `\`${registry.host}\` sends for a token to an address that is not allowed`,
      {
        hint: "a token comes from the registry itself or from a public https address",
        data: { realm },
      },
    );
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", `repository:${image.repository}:pull`);
  const authorization = credentials === undefined ? undefined : `Basic ${credentials}`;
  const { status, body } = await askRegistry(url, { method: "GET", accept: "application/json", authorization, signal });
  const token = status === 200 ? tokenIn(body, url.host) : undefined;
  if (token !== undefined) return token;
  throw new CodedError(
    "E_AUTH",
    `\`${url.host}\` gives no token for \`${image.host}/${image.repository}\` (${String(status)})`,
    {
      hint: `\`docker login\` for ${image.host}, if the image is not for everybody`,
    },
  );
}

function tokenIn(body: Buffer, host: string): string | undefined {
  try {
    const { value } = readJson(body, { file: `the token of ${host}`, dangerousKeys: "drop" });
    const token = isRecord(value) ? (value["token"] ?? value["access_token"]) : undefined;
    const isToken = typeof token === "string" && token.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7E]+$/u.test(token);
    return isToken ? token : undefined;
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}
