import { describe, expect, it } from "vitest";
import { isCodedError } from "../../../schemas/errors.ts";
import { type ImageReference, readImage } from "../../../schemas/launchers/image-reference.ts";
import { ImageRegistries } from "../../../marketplace/images/image-registries.ts";
import { readChallenge } from "../../../marketplace/images/registry-challenge.ts";
import {
  type ImageAccess,
  type ImageMisbehaviour,
  type ImageRegistry,
  imageRegistry,
  PERSON,
} from "../../support/image-registry.ts";
import { type TemporaryHome, temporaryHome } from "../../support/temporary-home.ts";
import { canary } from "../../support/canary.ts";

const { signal } = new AbortController();

function imageAt(host: string, name = "acme/say:1"): ImageReference {
  const image = readImage(`${host}/${name}`);
  if (typeof image === "string") throw new Error(image);
  return image;
}

/** Registries as a person with these `auths` asks them. */
function asking(
  at: TemporaryHome,
  auths: unknown,
  options: { readonly offline?: boolean; readonly web?: (address: string) => string } = {},
): ImageRegistries {
  at.write(".docker/config.json", typeof auths === "string" ? auths : JSON.stringify({ auths, credsStore: "never" }));
  const { offline = false, web = (address) => address } = options;
  return new ImageRegistries({
    environment: { HOME: at.path(".") },
    rewrites: { web },
    offline,
    progress: () => undefined,
  });
}

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (isCodedError(error)) return `${error.code} ${error.message}; ${error.hint ?? ""}`;
    throw error;
  }
  return "no failure";
}

const OPEN = (registry: ImageRegistry): Record<string, unknown> => ({ [`http://${registry.host}/v2/`]: {} });

describe("a registry of images", () => {
  it.each<[ImageAccess, Record<string, unknown>, readonly string[]]>([
    ["open", {}, ["GET /v2/acme/say/manifests/1 -"]],
    [
      "token",
      {},
      [
        "GET /v2/acme/say/manifests/1 -",
        "GET /token -",
        `GET /v2/acme/say/manifests/1 Bearer ${canary("image-token")}`,
      ],
    ],
    [
      "token for a person",
      { auth: PERSON },
      [
        "GET /v2/acme/say/manifests/1 -",
        `GET /token Basic ${PERSON}`,
        `GET /v2/acme/say/manifests/1 Bearer ${canary("image-token")}`,
      ],
    ],
    [
      "password",
      { username: "me", password: canary("images") },
      ["GET /v2/acme/say/manifests/1 -", `GET /v2/acme/say/manifests/1 Basic ${PERSON}`],
    ],
  ])("says the digest of a tag, access: %s", async (access, entry, requests) => {
    await using registry = await imageRegistry();
    using at = temporaryHome();
    const digest = registry.push("acme/say:1", "first");
    registry.access = access;
    const registries = asking(at, { [registry.host]: entry });
    expect(await registries.digestOf(imageAt(registry.host), signal)).toBe(digest);
    expect(
      registry.requests.map(({ method, path, authorization = "-" }) => `${method} ${path} ${authorization}`),
    ).toEqual(requests);
  });

  it("announces the digest of a tag that was moved, without its bytes", async () => {
    await using registry = await imageRegistry();
    using at = temporaryHome();
    const registries = asking(at, OPEN(registry));
    const first = registry.push("acme/say:1", "first");
    expect(await registries.announcedDigestOf(imageAt(registry.host), signal)).toBe(first);
    const second = registry.push("acme/say:1", "second");
    expect(await registries.announcedDigestOf(imageAt(registry.host), signal)).toBe(second);
    expect(registry.requests.map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
    registry.misbehaviour = { digest: "none" };
    expect(await failure(registries.announcedDigestOf(imageAt(registry.host), signal))).toContain("E_INTEGRITY");
  });

  it.each<[ImageMisbehaviour, string]>([
    [{ status: 404 }, "E_NOT_FOUND `HOST` has no image `HOST/acme/say:1`"],
    [{ status: 403 }, "E_AUTH `HOST` has no image `HOST/acme/say:1`, or does not let you have it (403)"],
    [{ status: 429 }, "E_NETWORK `HOST/acme/say:1` was not looked up, `HOST` answered 429"],
    [{ status: 501 }, "E_NETWORK `HOST/acme/say:1` was not looked up, `HOST` answered 501"],
    [{ digest: `sha256:${"0".repeat(64)}` }, `E_INTEGRITY the registry says that \`HOST/acme/say:1\` is \`sha256:00`],
    [
      { type: "application/vnd.docker.distribution.manifest.v1+prettyjws" },
      "E_NETWORK `HOST` has for `HOST/acme/say:1` what",
    ],
    [{ redirect: "http://10.0.0.1/manifest" }, "E_SOURCE_BLOCKED"],
    [{ redirect: "https://169.254.169.254/manifest" }, "E_SOURCE_BLOCKED"],
    [{ redirect: "/v2/acme/say/manifests/1" }, "E_NETWORK `http://HOST/v2/acme/say/manifests/1` redirects more than"],
    [{ size: 4_200_000 }, "E_LIMIT_SIZE `HOST` sends more than 4194304 bytes for a manifest"],
  ])("is refused when it answers %j", async (misbehaviour, message) => {
    await using registry = await imageRegistry();
    using at = temporaryHome();
    registry.push("acme/say:1", "first");
    registry.misbehaviour = misbehaviour;
    const told = await failure(asking(at, OPEN(registry)).digestOf(imageAt(registry.host), signal));
    expect(told).toContain(message.replaceAll("HOST", registry.host));
  });

  it("gets nobody's password for a token from elsewhere, and none that a helper keeps", async () => {
    await using registry = await imageRegistry();
    using at = temporaryHome();
    registry.push("acme/say:1", "first");
    registry.access = "token for a person";
    const image = imageAt(registry.host);
    const ask = async (entry: Record<string, unknown>): Promise<string> =>
      await failure(asking(at, { [registry.host]: entry }).digestOf(image, signal));
    expect(await ask({})).toContain("gives no token");
    for (const realm of [
      "http://192.168.0.1/token",
      "http://example.com/token",
      "https://user@example.com/",
      "nothing",
    ]) {
      registry.realm = realm;
      expect(await ask({ auth: PERSON })).toContain("E_SOURCE_BLOCKED");
    }
    registry.access = "password";
    expect(await ask({})).toContain("a helper program keeps your password, and none is started");
    expect(registry.requests.map(({ authorization }) => authorization ?? "-").filter((one) => one !== "-")).toEqual([]);
  });

  it("is not asked inside a private network that is not the person's, nor offline, nor with settings that cannot be read", async () => {
    await using registry = await imageRegistry();
    using at = temporaryHome();
    const others = asking(at, {});
    for (const host of [registry.host, "10.0.0.1:5000", "images.internal"])
      expect(await failure(others.digestOf(imageAt(host), signal))).toContain("E_SOURCE_BLOCKED");
    const offline = asking(at, OPEN(registry), { offline: true });
    expect(await failure(offline.digestOf(imageAt(registry.host), signal))).toContain("E_OFFLINE");
    const broken = asking(at, '{"auths": ');
    expect(await failure(broken.digestOf(imageAt(registry.host), signal))).toContain("E_JSON");
    expect(registry.requests).toEqual([]);
  });

  it("is asked in place of another where an administrator says so, without that one's password", async () => {
    await using mirror = await imageRegistry();
    using at = temporaryHome();
    const digest = mirror.push("library/redis:latest", "first");
    const web = (address: string): string => address.replace("https://registry-1.docker.io", `http://${mirror.host}`);
    const registries = asking(at, { "https://index.docker.io/v1/": { auth: PERSON } }, { web });
    const image = readImage("redis");
    if (typeof image === "string") throw new Error(image);
    mirror.access = "token";
    expect(await registries.digestOf(image, signal)).toBe(digest);
    expect(mirror.requests.some(({ authorization }) => authorization?.startsWith("Basic") === true)).toBe(false);
  });
});

it.each([
  ['Bearer realm="https://a/t",service="s",scope="x,y"', { kind: "bearer", realm: "https://a/t", service: "s" }],
  ["bearer realm=https://a/t", { kind: "bearer", realm: "https://a/t", service: undefined }],
  ['BASIC realm="x"', { kind: "basic" }],
  ['Bearer service="s"', undefined],
  ["Negotiate", undefined],
  ["", undefined],
  [null, undefined],
])("the challenge of a registry is read: %s", (header, challenge) => {
  expect(readChallenge(header)).toEqual(challenge);
});
