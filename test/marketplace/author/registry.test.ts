import { describe, expect, it } from "vitest";
import { publishArchive, registryAccount } from "../../../marketplace/author/release/registry.ts";
import { publishServer } from "../../support/publish-server.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const manifest = { name: "@a/tidy", version: "1.0.0" };
const as = (origin: string, token: string) => {
  const registry = `${origin}/npm/`;
  return { registry, options: { [`//${new URL(registry).host}/npm/:_authToken`]: token } };
};
const archive = Buffer.from("an archive");

describe("publishing to a registry", () => {
  it("sends the archive as the person, and each version once", async () => {
    await using server = await publishServer("right");
    const account = as(server.origin, "right");
    await publishArchive({ manifest, archive, account });
    expect(server.published).toMatchObject([{ name: "@a/tidy", version: "1.0.0", archive }]);
    expect(server.published[0]?.manifest).toMatchObject({ dist: { integrity: expect.stringMatching(/^sha512-/u) } });
    await expect(publishArchive({ manifest, archive, account })).rejects.toMatchObject({ code: "E_EXISTS" });
    await publishArchive({ manifest: { ...manifest, version: "1.0.1" }, archive, account });
    expect(server.published).toHaveLength(2);
  });

  it("says who refused", async () => {
    await using server = await publishServer("right");
    const account = as(server.origin, "wrong");
    await expect(publishArchive({ manifest, archive, account })).rejects.toMatchObject({ code: "E_AUTH" });
    const elsewhere = { ...as(server.origin, "right"), registry: `${server.origin}/else/` };
    await expect(publishArchive({ manifest, archive, account: elsewhere })).rejects.toMatchObject({
      code: "E_NETWORK",
    });
    expect(server.published).toEqual([]);
  });
});

describe("the account at a registry", () => {
  it("is taken from the environment, the repository, then the person", () => {
    using home = temporaryHome();
    home.write("person/.npmrc", "//one.example.com/:_authToken = person\n//two.example.com/npm/:_authToken=two\n");
    home.write(
      "repository/.npmrc",
      '# ours\nregistry = "https://one.example.com"\n//one.example.com/:_authToken=${TOKEN}\n',
    );
    const account = (wanted: string | undefined, environment = {}) =>
      registryAccount(wanted, home.path("repository"), { HOME: home.path("person"), ...environment });
    expect(account(undefined, { TOKEN: "put in" })).toMatchObject({
      registry: "https://one.example.com/",
      options: { "//one.example.com/:_authToken": "put in" },
    });
    const two = "//two.example.com/npm/:_authToken";
    expect(account("https://two.example.com/npm")).toMatchObject({
      registry: "https://two.example.com/npm/",
      options: { [two]: "two" },
    });
    expect(account("https://two.example.com/npm", { NODE_AUTH_TOKEN: "x" }).options[two]).toBe("x");
    expect(() => account("https://three.example.com")).toThrow("no credentials for `https://three.example.com/`");
    expect(() => account("three")).toThrow("is no address");
  });
});
