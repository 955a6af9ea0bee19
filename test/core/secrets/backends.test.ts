import { execFileSync } from "node:child_process";
import { closeSync, copyFileSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isCodedError } from "../../../schemas/errors.ts";
import { Backends } from "../../../core/secrets/backends.ts";
import { SecretOwners } from "../../../core/secrets/secret-owners.ts";
import { secretVariable, withoutSecretVariables } from "../../../core/secrets/secret-variable.ts";
import { openSecrets, type OpenSecrets } from "../../../core/secrets/secrets.ts";
import type { LayeredValue } from "../../../plugin-api/index.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { canary, canaryForm } from "../../support/canary.ts";

const CANARY = canary();
const PASSPHRASE = canary("passphrase");
const PLUGINS: Readonly<Record<string, string>> = {
  "fmt@acme": "git:https://example.com/acme",
  "fmt@evil": "git:https://example.com/acme",
  "..@acme": "x",
};

interface Person {
  readonly home: TemporaryHome;
  readonly settings: unknown;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly managed?: readonly unknown[] | undefined;
  readonly identities?: Readonly<Record<string, string>> | undefined;
}

function opened({ home, settings, environment = {}, managed = [], identities = PLUGINS }: Person): OpenSecrets {
  const layers: readonly LayeredValue[] = [
    ...managed.map((value) => ({ layer: "managed" as const, file: "/etc/plugsmith/x.json", value })),
    { layer: "user", file: "/user.json", value: settings },
  ];
  return openSecrets({
    settings: { layers: (key) => (key === "secrets" ? layers : []) },
    environment: { PATH: process.env["PATH"], ...environment },
    directory: home.path("encrypted"),
    identityOf: (id) => identities[id],
    audit: { append: () => undefined, heads: () => [] },
    owners: new SecretOwners(home.path("owners")),
  });
}

function filesBelow(home: TemporaryHome): readonly string[] {
  return readdirSync(home.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}

/** Code and message of what a promise is refused with. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    return `got ${String(await promise)}`;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    expect(error.hint).not.toBeUndefined();
    return `${error.code} ${error.message}`;
  }
}

describe("SC02: the encrypted file", { timeout: 60_000 }, () => {
  const settings = { backend: "encrypted-file" };
  const environment = { PLUGSMITH_SECRET_PASSPHRASE: PASSPHRASE };

  it("gives secrets back to whoever has the passphrase, and holds neither in the clear", async () => {
    using home = temporaryHome();
    const first = opened({ home, settings, environment });
    expect(await first.option("fmt@acme", "token")).toBeUndefined();
    await first.setOption("fmt@acme", "token", CANARY);
    await first.setOption("fmt@evil", "token", "other");
    const files = filesBelow(home);
    for (const file of files) {
      expect([file, canaryForm(readFileSync(file))]).toEqual([file, undefined]);
      expect(statSync(file).mode & 0o077).toBe(0);
    }
    const descriptor = openSync(home.write("passphrase", `${PASSPHRASE}\n`), "r");
    const second = opened({ home, settings, environment: { PLUGSMITH_SECRET_PASSPHRASE_FD: String(descriptor) } });
    expect(await second.option("fmt@acme", "token")).toBe(CANARY);
    // It was closed, so that no program inherits it.
    expect(() => closeSync(descriptor)).toThrow("EBADF");
    const wrong = opened({ home, settings, environment: { PLUGSMITH_SECRET_PASSPHRASE: "wrong" } });
    expect(await refusal(wrong.setOption("fmt@acme", "token", "lost"))).toMatch(/^E_KEYCHAIN the passphrase is not/u);
    expect(await refusal(opened({ home, settings }).option("fmt@acme", "token"))).toMatch(/^E_KEYCHAIN .*is locked/u);

    // Nobody can make one plugin's secrets another's, or change them.
    const [one = "", other = ""] = files.filter(
      (file) => /[0-9a-f]{64}\.json$/u.test(file) && file.includes("/encrypted/"),
    );
    const text = readFileSync(one, "utf8");
    copyFileSync(other, one);
    const exchanged = opened({ home, settings, environment });
    const answers = await Promise.all(["fmt@acme", "fmt@evil"].map((id) => refusal(exchanged.option(id, "token"))));
    expect(answers.filter((answer) => answer.startsWith("E_KEYCHAIN"))).toHaveLength(1);
    writeFileSync(one, text.replace('"data":"', '"data":"AAAA'));
    const changed = await Promise.all(["fmt@acme", "fmt@evil"].map((id) => refusal(exchanged.option(id, "token"))));
    expect(changed.filter((answer) => answer.startsWith("E_KEYCHAIN"))).toHaveLength(1);

    const before = readdirSync(home.path("encrypted")).length;
    expect([await exchanged.forget("fmt@acme"), await exchanged.forget("fmt@acme")]).toEqual([true, false]);
    expect(readdirSync(home.path("encrypted"))).toHaveLength(before - 1);
  });

  it.each([
    ["", "is empty"],
    [undefined, "nobody gave"],
  ])("is not opened with the passphrase %j", async (passphrase, why) => {
    using home = temporaryHome();
    const given = passphrase === undefined ? {} : { PLUGSMITH_SECRET_PASSPHRASE: passphrase };
    const secrets = opened({ home, settings, environment: given });
    expect(await refusal(secrets.setOption("fmt@acme", "token", "x"))).toContain(why);
    expect(readdirSync(home.directory).filter((name) => name === "encrypted")).toEqual([]);
  });
});

describe("SC02: a program that keeps secrets", () => {
  /** Keeps each entry in a file below a folder, as `pass` does; 3 is "there is none". */
  const VAULT = `#!/bin/sh
file="$VAULT/$(printf %s "$2" | tr / _)"
case "$1" in
get) [ -f "$file" ] || exit 3; cat "$file";;
set) cat > "$file"; env > "$VAULT/environment"; tr '\\0' ' ' < /proc/$$/cmdline > "$VAULT/line";;
delete) rm "$file" 2>/dev/null || exit 3;;
fail) echo "first line" >&2; echo "the vault is locked" >&2; exit 9;;
esac
`;
  const words = (action: string, home: TemporaryHome, name = "{entry}") => ["sh", home.path("vault.sh"), action, name];
  const whole = (home: TemporaryHome) => ({
    get: words("get", home),
    set: words("set", home),
    delete: words("delete", home),
    notFound: [3],
  });
  const person = (home: TemporaryHome, command: unknown): Person => {
    home.write("vault.sh", VAULT);
    home.write("vault/.keep", "");
    const environment = { VAULT: home.path("vault"), PLUGSMITH_SECRET_A__B__C: CANARY };
    return { home, settings: { backend: "command", command }, environment };
  };

  it("gets one entry a plugin and source by its input, and nothing of it by words or environment", async () => {
    using home = temporaryHome();
    const own = person(home, whole(home));
    await opened(own).setOption("fmt@acme", "token", CANARY);
    expect(await opened(own).option("fmt@acme", "token")).toBe(CANARY);
    expect(await opened(own).option("fmt@evil", "token")).toBeUndefined();
    const elsewhere = { ...own, identities: { "fmt@acme": "git:https://evil.example" } };
    expect(await opened(elsewhere).option("fmt@acme", "token")).toBeUndefined();
    for (const file of ["vault/environment", "vault/line"]) {
      expect(readFileSync(home.path(file), "utf8")).not.toContain(CANARY);
    }
    expect(new SecretOwners(home.path("owners")).list()).toMatchObject([{ id: "fmt@acme", backend: "command" }]);
    expect([await opened(own).forget("fmt@acme"), await opened(own).forget("fmt@acme")]).toEqual([true, false]);
    expect(new SecretOwners(home.path("owners")).list()).toEqual([]);
  });

  it("may give single values, which only their owner puts there; no name leads to those of others", async () => {
    using home = temporaryHome();
    const own = person(home, { get: words("get", home, "{plugin}:{name}"), notFound: [3] });
    home.write("vault/fmt@acme:token", `${CANARY}\n`);
    home.write("vault/.keep", "");
    expect(await opened(own).option("fmt@acme", "token")).toBe(CANARY);
    expect(await opened(own).option("fmt@acme", "../vault/fmt@acme:token")).toBeUndefined();
    expect(await opened(own).option("..@acme", "fmt@acme:token")).toBeUndefined();
    expect(await refusal(opened(own).setOption("fmt@acme", "token", "x"))).toMatch(/^E_KEYCHAIN .*read only/u);
  });

  it("is named where it fails, with the last line of what it says", async () => {
    using home = temporaryHome();
    const failing = person(home, { ...whole(home), get: words("fail", home) });
    expect(await refusal(opened(failing).setOption("fmt@acme", "token", "x"))).toBe(
      "E_KEYCHAIN `sh`, which keeps your secrets, failed with exit code 9: the vault is locked",
    );
    const absent = person(home, { get: ["no-such-program", "{entry}"] });
    expect(await refusal(opened(absent).option("fmt@acme", "token"))).toContain("cannot be started (ENOENT)");
  });

  const wrong: readonly (readonly [command: unknown, why: string])[] = [
    [undefined, "is no object"],
    ["pass show", "is no object"],
    [{}, "has no `get`"],
    [{ get: "pass show {entry}" }, "no list of texts"],
    [{ get: [] }, "no list of texts"],
    [{ get: ["{entry}"] }, "names in `get` neither"],
    [{ get: ["pass", "{plugin}"] }, "names in `get` neither"],
    [{ get: ["pass", "{entry}", "{plugin}", "{name}"] }, "or both"],
    [{ get: ["pass", "{plugin}/{name}"], set: ["x", "{entry}"], delete: ["x", "{entry}"] }, "whole entries"],
    [{ get: ["pass", "{entry}"], set: ["x", "{entry}"] }, "alone"],
    [{ get: ["pass", "{entry}"], set: ["x", "{entry}"], delete: ["x"] }, "names no `{entry}`"],
    [{ get: ["pass", "{entry}"], notFound: ["1"] }, "no list of exit codes"],
    [{ get: ["pass", "{entry}"], notFound: [0] }, "no list of exit codes"],
  ];
  it.each(wrong)("is not run as %j", async (command, why) => {
    using home = temporaryHome();
    expect(
      await refusal(opened({ home, settings: { backend: "command", command } }).option("fmt@acme", "t")),
    ).toContain(why);
  });
});

describe("SC02: policy on where secrets lie", () => {
  const cases: readonly (readonly [managed: readonly unknown[], backend: string, allowed: boolean])[] = [
    [[], "memory", true],
    [[{ allowedBackends: ["keychain", "memory"] }], "memory", true],
    [[{ allowedBackends: ["keychain"] }], "memory", false],
    [[{ allowedBackends: ["keychain", "memory"] }, { allowedBackends: ["keychain"] }], "memory", false],
    [[{ allowedBackends: [] }], "memory", false],
    [[{ allowedBackends: "memory" }], "memory", false],
    [["memory"], "memory", false],
    [[{ backend: "memory" }], "environment", true],
  ];
  it.each(cases)("%j: %s is allowed: %s", async (managed, backend, allowed) => {
    using home = temporaryHome();
    const secrets = opened({ home, settings: { backend }, managed });
    const answer = await refusal(secrets.option("fmt@acme", "token"));
    if (allowed) expect(answer).toBe("got undefined");
    else expect(answer).toMatch(/^E_SOURCE_BLOCKED|^E_KEYCHAIN/u);
  });

  it("is not widened by the person's own list, nor by a repository", () => {
    const layers: readonly LayeredValue[] = [
      { layer: "managed", file: "/m", value: { allowedBackends: ["keychain"] } },
      { layer: "local", file: "/l", value: { backend: "keychain", allowedBackends: ["memory"] } },
      { layer: "user", file: "/u", value: { backend: "memory", allowedBackends: ["memory"] } },
    ];
    const backends = new Backends({ settings: { layers: () => layers }, environment: {}, directory: "/nowhere" });
    expect(() => backends.chosen()).toThrow(expect.objectContaining({ code: "E_SOURCE_BLOCKED", where: "/m" }));
  });
});

describe("SC03: variables that hold secrets", () => {
  it("are those of one plugin only, however others are called and name theirs", () => {
    const names = [
      secretVariable("fmt@acme", "token"),
      secretVariable("fmt@acme-x", "token"),
      secretVariable("fmt@acme", "x-token"),
      secretVariable("fmt-acme@x", "token"),
      secretVariable("fmt@acme", "_token_"),
    ];
    expect(names.map((name) => name.slice("PLUGSMITH_SECRET_".length))).toEqual([
      "FMT__ACME__TOKEN",
      "FMT__ACME_X__TOKEN",
      "FMT__ACME__X_TOKEN",
      "FMT_ACME__X__TOKEN",
      "FMT__ACME__TOKEN",
    ]);
  });

  it("are in the environment of no other process", () => {
    const environment = withoutSecretVariables({
      PATH: process.env["PATH"],
      PLUGSMITH_SECRET_PASSPHRASE: CANARY,
      plugsmith_secret_x: CANARY,
    });
    expect(execFileSync("env", { env: environment, encoding: "utf8" })).not.toContain(CANARY);
    expect(Object.keys(environment)).toEqual(["PATH"]);
  });
});
