import { describe, expect, it } from "vitest";
import { openSecrets, type OpenSecrets } from "../../../core/secrets/secrets.ts";
import type { LayeredValue, PluginInfo, Secrets } from "../../../plugin-api/index.ts";
import type { AuditRecord } from "../../../plugin-api/service-contracts.ts";
import { canary } from "../../support/canary.ts";

interface Bench {
  readonly opened: OpenSecrets;
  readonly audit: readonly AuditRecord[];
  readonly of: (id: string, tier?: PluginInfo["tier"]) => Secrets;
}

const layer = (backend: unknown, name: LayeredValue["layer"] = "user"): LayeredValue => ({
  layer: name,
  file: `/${name}.json`,
  value: { backend },
});

function bench(
  layers: readonly LayeredValue[],
  environment: Readonly<Record<string, string>> = {},
  identities: Readonly<Record<string, string>> = { "fmt@acme": "example.com/acme", "mcp-bridge@builtin": "builtin" },
): Bench {
  const audit: AuditRecord[] = [];
  const opened = openSecrets({
    settings: { layers: (key) => (key === "secrets" ? layers : []) },
    directory: "/nowhere",
    environment,
    identityOf: (plugin) => identities[plugin],
    audit: { append: (record) => void audit.push(record), heads: () => [] },
  });
  return {
    opened,
    audit,
    of: (id, tier = "installed") =>
      // The service is opened as the host opens it.
      opened.service.open({ id, name: id, version: "1", tier, directory: "", dataDirectory: "" }, undefined) as Secrets,
  };
}

describe("secrets", () => {
  it("in memory come back until they are deleted, and are recorded without their values", async () => {
    const { of, opened, audit } = bench([layer("memory")]);
    const secrets = of("fmt@acme");
    await secrets.set("token", canary());
    await opened.setOption("fmt@acme", "token", canary("option"));
    expect([await secrets.get("token"), await secrets.option("fmt@acme", "token")]).toEqual([
      canary(),
      canary("option"),
    ]);
    expect([await secrets.delete("token"), await secrets.delete("token"), await secrets.get("token")]).toEqual([
      true,
      false,
      undefined,
    ]);
    expect([await opened.forget("fmt@acme"), await secrets.option("fmt@acme", "token")]).toEqual([true, undefined]);
    expect(audit.map(({ action }) => action)).toEqual([
      "secret set",
      "secret option set",
      "secret delete",
      "secret delete",
      "secret forget",
    ]);
    expect(JSON.stringify(audit)).not.toContain(canary());
  });

  it("that could not be changed have a second record, which says so", async () => {
    const { of, opened, audit } = bench([layer("environment")]);
    await expect(of("fmt@acme").set("token", "canary")).rejects.toThrow("can be read only");
    await expect(opened.setOption("fmt@acme", "key", "canary")).rejects.toThrow("can be read only");
    await expect(opened.forget("other@acme")).rejects.toThrow("comes from");
    expect(audit.map(({ action, outcome, detail }) => [action, outcome, detail])).toEqual([
      ["secret set", "allowed", { name: "token" }],
      ["secret set", "failed", { name: "token", code: "E_KEYCHAIN" }],
      ["secret option set", "allowed", { name: "key" }],
      ["secret option set", "failed", { name: "key", code: "E_KEYCHAIN" }],
      ["secret forget", "allowed", undefined],
      ["secret forget", "failed", { code: "E_KEYCHAIN" }],
    ]);
  });

  it("SC07: of one source are not those of another under the same id", async () => {
    const identities: Record<string, string> = { "fmt@acme": "example.com/acme" };
    const { of } = bench([layer("memory")], {}, identities);
    await of("fmt@acme").set("token", "old");
    identities["fmt@acme"] = "evil.example/acme";
    expect(await of("fmt@acme").get("token")).toBeUndefined();
  });

  it("SC03, SC05: of an option are handed to the plugin itself and to what comes with Plugsmith", async () => {
    const { of, opened } = bench([layer("memory")]);
    await opened.setOption("fmt@acme", "token", "x");
    expect(await of("mcp-bridge@builtin", "builtin").option("fmt@acme", "token")).toBe("x");
    for (const tier of ["installed", "session", "loose"] as const) {
      await expect(of("other@acme", tier).option("fmt@acme", "token")).rejects.toMatchObject({ code: "E_TRUST" });
    }
  });

  it("in the environment are read from one variable each, and not changed", async () => {
    const { of } = bench([layer("environment")], { PLUGSMITH_SECRET_FMT__ACME__API_KEY: "x" });
    const secrets = of("fmt@acme");
    expect([await secrets.get("api-key"), await secrets.option("fmt@acme", "API_KEY")]).toEqual(["x", "x"]);
    expect([await secrets.get("other"), await secrets.delete("other")]).toEqual([undefined, false]);
    const refusal = { code: "E_KEYCHAIN", hint: expect.stringContaining("PLUGSMITH_SECRET_FMT__ACME__API_KEY") };
    await expect(secrets.set("api-key", "y")).rejects.toMatchObject(refusal);
    await expect(secrets.delete("api-key")).rejects.toMatchObject(refusal);
  });

  it("lie where managed settings say, then flags, then the person's; never where a repository says", async () => {
    const strong = bench([layer("memory", "managed"), layer("environment", "user")]);
    await strong.of("fmt@acme").set("a", "1");
    const repository = bench([layer("environment", "local"), layer("environment", "project"), layer("memory", "user")]);
    await repository.of("fmt@acme").set("a", "1");
    expect(await repository.of("fmt@acme").get("a")).toBe("1");
  });

  it.each(["command", "plain", "constructor", "", 1])("SC02: refuse the back end %s", async (name) => {
    await expect(
      bench([layer(name)])
        .of("fmt@acme")
        .get("a"),
    ).rejects.toMatchObject({
      code: "E_KEYCHAIN",
      message: expect.stringContaining("`secrets."),
    });
  });

  it("are not kept for a plugin whose source nobody knows", async () => {
    await expect(
      bench([layer("memory")])
        .of("stranger@nowhere")
        .set("a", "1"),
    ).rejects.toMatchObject({
      code: "E_KEYCHAIN",
    });
  });
});
