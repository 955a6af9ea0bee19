import { describe, expect, it } from "vitest";
import { temporaryHome } from "../../support/temporary-home.ts";
import { callSecrets, inSession, skipsKeychain } from "./keychain.ts";

const ENTRY = "fmt@acme example.com/market";
const REFUSED = { code: "E_KEYCHAIN", hint: expect.stringContaining('"secrets": {"backend"') };

// Each call is a process of its own in a session of its own.
describe.skipIf(skipsKeychain())("secrets in a real keychain", { timeout: 120_000 }, () => {
  it("come back, also in another process, and can be changed and deleted", () => {
    using home = temporaryHome();
    const long = "é€😀".repeat(2_000);
    const first = callSecrets(home, "unlocked", [
      ["get", "fmt@acme", "token"],
      ["set", "fmt@acme", "token", "one"],
      ["get", "fmt@acme", "token"],
      ["set", "fmt@acme", "long", long],
      ["set", "fmt@acme", "__proto__", "odd"],
      ["set", "fmt@acme", "token", "two"],
    ]);
    expect(first).toEqual([null, "done", "one", "done", "done", "done"]);
    const second = callSecrets(home, "unlocked", [
      ["get", "fmt@acme", "token"],
      ["get", "fmt@acme", "long"],
      ["get", "fmt@acme", "__proto__"],
      ["get", "fmt@acme", "constructor"],
      ["delete", "fmt@acme", "token"],
      ["delete", "fmt@acme", "token"],
      ["get", "fmt@acme", "token"],
      ["get", "fmt@acme", "long"],
    ]);
    expect(second).toEqual(["two", long, "odd", null, true, false, null, long]);
  });

  it("SC07: are those of one plugin from one source, and options are apart from what it keeps itself", () => {
    using home = temporaryHome();
    const answers = callSecrets(home, "unlocked", [
      ["setOption", "fmt@acme/a", "token", "option of a"],
      ["set", "fmt@acme/a", "token", "own of a"],
      ["set", "lint@acme/a", "token", "lint"],
      ["option", "fmt@acme/a", "token"],
      ["get", "fmt@acme/a", "token"],
      ["get", "fmt@acme/b", "token"],
      ["option", "fmt@acme/b", "token"],
      ["forget", "fmt@acme/a", ""],
      ["get", "fmt@acme/a", "token"],
      ["option", "fmt@acme/a", "token"],
      ["get", "lint@acme/a", "token"],
      ["forget", "fmt@acme/a", ""],
    ]);
    expect(answers.slice(3)).toEqual(["option of a", "own of a", null, null, true, null, null, "lint", false]);
  });

  it("SC06: are known by their owners until they are forgotten, so that they can go with their plugin", () => {
    using home = temporaryHome();
    const owners = ["owners", "", ""] as const;
    callSecrets(home, "unlocked", [
      ["set", "fmt@acme/a", "token", "a secret"],
      ["setOption", "lint@acme/a", "key", "another"],
    ]);
    expect(callSecrets(home, "unlocked", [owners])[0]).toHaveLength(2);
    callSecrets(home, "unlocked", [["forget", "fmt@acme/a", ""]]);
    expect(callSecrets(home, "unlocked", [owners])).toEqual([[{ id: "lint@acme/a", identity: "example.com/a" }]]);
  });

  it("are all kept when many are set at once", () => {
    using home = temporaryHome();
    const names = Array.from({ length: 20 }, (_, at) => `name-${at}`);
    callSecrets(
      home,
      "unlocked",
      names.map((name) => ["set", "fmt@acme", name, `value of ${name}`] as const),
    );
    const answers = callSecrets(
      home,
      "unlocked",
      names.map((name) => ["get", "fmt@acme", name] as const),
    );
    expect(answers).toEqual(names.map((name) => `value of ${name}`));
  });

  it("lie in one entry a plugin, under its id and the identity of its source, which other programs can see", () => {
    using home = temporaryHome();
    callSecrets(home, "unlocked", [
      ["set", "fmt@acme", "a", "1"],
      ["set", "fmt@acme", "b", "2"],
    ]);
    const found = inSession(home, "unlocked", ["secret-tool", "lookup", "service", "plugsmith", "username", ENTRY]);
    expect(JSON.parse(found)).toEqual({ schema: 1, own: { a: "1", b: "2" }, option: {} });
  });

  it("name an entry that is damaged or doubled, and do not overwrite it", () => {
    using home = temporaryHome();
    callSecrets(home, "unlocked", [["set", "fmt@acme", "a", "1"]]);
    const ours = `service plugsmith username "${ENTRY}"`;
    const store = `printf damaged | secret-tool store --label=x ${ours} target default`;
    const calls = [
      ["get", "fmt@acme", "a"],
      ["set", "fmt@acme", "a", "2"],
    ] as const;
    const refused = (why: string) => ({ code: "E_KEYCHAIN", message: expect.stringContaining(why) });
    inSession(home, "unlocked", ["sh", "-c", store]);
    const doubled = refused("several entries");
    expect(callSecrets(home, "unlocked", calls)).toMatchObject([doubled, doubled]);
    inSession(home, "unlocked", ["sh", "-c", `secret-tool clear ${ours}; ${store}`]);
    const damaged = refused("damaged");
    expect(callSecrets(home, "unlocked", calls)).toMatchObject([damaged, damaged]);
    expect(inSession(home, "unlocked", ["sh", "-c", `secret-tool lookup ${ours}`])).toBe("damaged");
  });

  it("SC02: are refused with what to do where the keychain is locked, has no collection, or is not there", () => {
    using home = temporaryHome();
    callSecrets(home, "unlocked", [["set", "fmt@acme", "a", "1"]]);
    const locked = callSecrets(home, "locked", [
      ["get", "fmt@acme", "a"],
      ["set", "fmt@acme", "a", "2"],
    ]);
    const isLocked = { ...REFUSED, message: expect.stringContaining("the keychain is locked") };
    expect(locked).toMatchObject([isLocked, isLocked]);
    expect(callSecrets(home, "unlocked", [["get", "fmt@acme", "a"]])).toEqual(["1"]);
    using fresh = temporaryHome();
    expect(callSecrets(fresh, "absent", [["set", "fmt@acme", "a", "1"]])).toMatchObject([
      { ...REFUSED, message: expect.stringContaining("no collection") },
    ]);
    expect(
      callSecrets(fresh, "no bus", [
        ["set", "fmt@acme", "a", "1"],
        ["get", "fmt@acme", "a"],
      ]),
    ).toMatchObject([
      { ...REFUSED, message: expect.stringContaining("there is no keychain") },
      { ...REFUSED, message: expect.stringContaining("there is no keychain") },
    ]);
  });
});
