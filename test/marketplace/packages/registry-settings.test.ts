import { describe, expect, it } from "vitest";
import { packageAddress } from "../../../marketplace/packages/package-address.ts";
import { parseRegistrySettings, personalRegistrySettings } from "../../../marketplace/packages/registry-settings.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { canary } from "../../support/canary.ts";

const parse = (text: string) => parseRegistrySettings(text, "/home/me/.npmrc", { TOKEN: canary("npm") });

describe("a person's npm settings", () => {
  it("name the registries, credentials and proxies, and nothing else", () => {
    const settings = parse(`
; comment
registry = https://npm.example/team
@acme:registry=https://acme.example/npm/
//npm.example/team/:_authToken=\${TOKEN}
//acme.example/npm/:_auth=\${GONE}
//acme.example/npm/:username=\${GONE?}
strict-ssl=false
https-proxy=http://proxy:3128
ignore-scripts=false
script-shell=/tmp/evil
`);
    expect(settings).toEqual({
      registry: "https://npm.example/team/",
      scopes: { "@acme": "https://acme.example/npm/" },
      options: {
        "//npm.example/team/:_authToken": canary("npm"),
        "//acme.example/npm/:_auth": "${GONE}",
        "//acme.example/npm/:username": "",
        strictSSL: false,
        httpsProxy: "http://proxy:3128",
      },
    });
  });

  it("are refused with their file when a registry is no address", () => {
    expect(() => parse("registry=ftp://x")).toThrow(
      expect.objectContaining({ code: "E_SCHEMA", where: "/home/me/.npmrc" }) as Error,
    );
  });

  it("are those of the person's own file, and no variable of `npm run` outdoes them", () => {
    using files = temporaryHome();
    files.write(".npmrc", "registry=https://own.example/\ncafile=ca.pem\n");
    files.write("ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    files.write("other", "registry=https://other.example/");
    const HOME = files.path(".");
    const own = personalRegistrySettings({ HOME, npm_config_registry: "https://project.example/" });
    expect(own.registry).toBe("https://own.example/");
    expect(own.options["ca"]).toEqual(["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]);
    expect(personalRegistrySettings({ HOME, NPM_CONFIG_USERCONFIG: files.path("other") }).registry).toBe(
      "https://other.example/",
    );
    expect(personalRegistrySettings({ HOME: files.path("nowhere") }).registry).toBe("https://registry.npmjs.org/");
  });
});

describe("the address of a locked package", () => {
  const settings = parse("registry=https://npm.example/team/\n@acme:registry=http://10.0.0.7:4873/\n");
  const none = {
    path: "",
    version: "1.0.0+x",
    integrity: "",
    optional: false,
    os: [],
    cpu: [],
    libc: [],
    bin: {},
    hasInstallScript: false,
  };
  const address = (name: string, resolved?: string): string => packageAddress({ ...none, name, resolved }, settings);

  it.each([
    ["a", undefined, "https://npm.example/team/a/-/a-1.0.0.tgz"],
    ["@s/a", undefined, "https://npm.example/team/@s/a/-/a-1.0.0.tgz"],
    ["@acme/a", undefined, "http://10.0.0.7:4873/@acme/a/-/a-1.0.0.tgz"],
    ["a", "https://registry.npmjs.org/a/-/a-1.0.0.tgz", "https://npm.example/team/a/-/a-1.0.0.tgz"],
    ["@acme/a", "https://registry.npmjs.org/@acme/a/-/a-1.0.0.tgz", "http://10.0.0.7:4873/@acme/a/-/a-1.0.0.tgz"],
    ["@acme/a", "http://10.0.0.7:4873/@acme/a/-/a-1.0.0.tgz", "http://10.0.0.7:4873/@acme/a/-/a-1.0.0.tgz"],
    ["a", "https://other.example/a.tgz", "https://other.example/a.tgz"],
  ])("of `%s` at %s is %s", (name, resolved, expected) => {
    expect(address(name, resolved)).toBe(expected);
  });

  it.each([
    ["a", "https://169.254.169.254/a.tgz", /inside a private network/],
    ["a", "http://localhost:9/a.tgz", /inside a private network/],
    ["@acme/a", "https://other.example/a.tgz", /bind its scope to another registry/],
  ])("of `%s` at %s is refused", (name, resolved, message) => {
    expect(() => address(name, resolved)).toThrow(message);
  });
});
