import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { callSecrets, skipsKeychain, type Batch } from "./keychain.ts";
import { canary } from "../../support/canary.ts";

const REFUSED = { code: "E_KEYCHAIN", hint: expect.stringContaining('"secrets": {"backend"') };
const LONG = canary("é€😀".repeat(2_000));
const TWO = canary("two");
const NAMES = Array.from({ length: 20 }, (_, at) => `name-${at}`);
const OURS = 'service plugsmith username "bad@acme example.com/market"';
const STORE = `printf damaged | secret-tool store --label=x ${OURS} target default`;
const TOUCH: Batch = [
  ["get", "bad@acme", "a"],
  ["set", "bad@acme", "a", "2"],
];

/** As keytar's C++ calls libsecret, the schema included. */
function storedByKeytar(service: string, account: string, value: string): string {
  return `printf '${value}' | secret-tool store --label='${service}/${account}' service '${service}' account '${account}'`;
}

/** What is done in one session, whose start is what costs. */
const SCRIPT = {
  change: [
    [
      ["get", "fmt@acme", "token"],
      ["set", "fmt@acme", "token", canary("one")],
      ["get", "fmt@acme", "token"],
      ["set", "fmt@acme", "long", LONG],
      ["set", "fmt@acme", "__proto__", "odd"],
      ["set", "fmt@acme", "token", TWO],
    ],
    [
      ["get", "fmt@acme", "token"],
      ["get", "fmt@acme", "long"],
      ["get", "fmt@acme", "__proto__"],
      ["get", "fmt@acme", "constructor"],
      ["delete", "fmt@acme", "token"],
      ["delete", "fmt@acme", "token"],
      ["get", "fmt@acme", "token"],
      ["get", "fmt@acme", "long"],
      ["set", "fmt@acme", "large", "x".repeat(70_000)],
    ],
  ],
  identity: [
    [
      ["setOption", "own@acme/a", "token", canary("option of a")],
      ["set", "own@acme/a", "token", canary("own of a")],
      ["set", "lint@acme/a", "token", canary("lint")],
      ["option", "own@acme/a", "token"],
      ["get", "own@acme/a", "token"],
      ["get", "own@acme/b", "token"],
      ["option", "own@acme/b", "token"],
      ["forget", "own@acme/a", ""],
      ["get", "own@acme/a", "token"],
      ["option", "own@acme/a", "token"],
      ["get", "lint@acme/a", "token"],
      ["forget", "own@acme/a", ""],
    ],
  ],
  owners: [
    [
      ["set", "kept-one@acme/a", "token", canary()],
      ["setOption", "kept-two@acme/a", "key", canary("another")],
    ],
    [["owners", "kept-", ""]],
    [["forget", "kept-one@acme/a", ""]],
    [["owners", "kept-", ""]],
    [["shell", "rm -r $HOME/owners"]],
    [["option", "kept-two@acme/a", "key"]],
    [["owners", "kept-", ""]],
  ],
  many: [
    NAMES.map((name) => ["set", "many@acme", name, canary(name)] as const),
    NAMES.map((name) => ["get", "many@acme", name] as const),
  ],
  entry: [
    [
      ["set", "two@acme", "a", "1"],
      ["set", "two@acme", "b", "2"],
    ],
    [["shell", 'secret-tool lookup service plugsmith username "two@acme example.com/market"']],
  ],
  keytar: [
    [["shell", storedByKeytar("app", "me", canary("of app"))]],
    [["shell", storedByKeytar("https://a.example/b", "me", canary("of an address"))]],
    [["shell", storedByKeytar("c", "d/e", "é\n")]],
    [
      ["keytar", "app/me"],
      ["keytar", "https://a.example/b/me"],
      ["keytar", "c/d/e"],
      ["keytar", "app/you"],
      ["keytar", "app"],
      ["keytar", "/me"],
    ],
  ],
  damage: [
    [["set", "bad@acme", "a", "1"]],
    [["shell", STORE]],
    TOUCH,
    [["shell", `secret-tool clear ${OURS}; ${STORE}`]],
    TOUCH,
    [["shell", `secret-tool lookup ${OURS}`]],
  ],
} as const satisfies Readonly<Record<string, readonly Batch[]>>;

describe.skipIf(skipsKeychain())("secrets in a real keychain", { timeout: 120_000 }, () => {
  let home: TemporaryHome;
  const answers = new Map<string, readonly (readonly unknown[])[]>();
  const of = (part: keyof typeof SCRIPT): readonly (readonly unknown[])[] => answers.get(part) ?? [];

  beforeAll(() => {
    home = temporaryHome();
    const all = callSecrets(home, "unlocked", Object.values(SCRIPT).flat());
    let at = 0;
    for (const [part, { length }] of Object.entries(SCRIPT)) answers.set(part, all.slice(at, (at += length)));
  }, 120_000);
  afterAll(() => home[Symbol.dispose]());

  it("come back, also for stores that did not set them, and can be changed and deleted; what is too large is refused", () => {
    const [first, second] = of("change");
    expect(first).toEqual([null, "done", canary("one"), "done", "done", "done"]);
    expect(second?.slice(0, -1)).toEqual([TWO, LONG, "odd", null, true, false, null, LONG]);
    expect(second?.at(-1)).toMatchObject({ code: "E_KEYCHAIN", message: expect.stringContaining("70000 bytes") });
  });

  it("SC07: are those of one plugin from one source, and options are apart from what it keeps itself", () => {
    const [own] = of("identity");
    expect(own?.slice(3)).toEqual([
      canary("option of a"),
      canary("own of a"),
      null,
      null,
      true,
      null,
      null,
      canary("lint"),
      false,
    ]);
  });

  it("SC06: are known by their owners until they are forgotten, and again when they are read after our state is lost", () => {
    const two = { id: "kept-two@acme/a", identity: "example.com/a", backend: "keychain" };
    const [, both, , one, , , again] = of("owners");
    expect([both?.[0], one, again]).toEqual([expect.arrayContaining([two, expect.anything()]), [[two]], [[two]]]);
  });

  it("are all kept when many are set at once", () => {
    expect(of("many")[1]).toEqual(NAMES.map((name) => canary(name)));
  });

  it("lie in one entry a plugin, under its id and the identity of its source, which other programs can see", () => {
    expect(JSON.parse(String(of("entry")[1]))).toEqual({ schema: 1, own: { a: "1", b: "2" }, option: {} });
  });

  it("name an entry that is damaged or doubled, and do not overwrite it", () => {
    const refused = (why: string) => ({ code: "E_KEYCHAIN", message: expect.stringContaining(why) });
    const [, , doubled, , damaged, left] = of("damage");
    expect(doubled).toMatchObject([refused("several entries"), refused("several entries")]);
    expect(damaged).toMatchObject([refused("damaged"), refused("damaged")]);
    expect(left).toEqual(["damaged"]);
  });

  it("that a program stored with keytar are found by the name that it shows, wherever that is parted", () => {
    expect(of("keytar").at(-1)).toEqual([
      canary("of app"),
      canary("of an address"),
      "é\n",
      expect.objectContaining({ code: "E_NOT_FOUND", message: expect.stringContaining("no entry `app/you`") }),
      expect.objectContaining({ code: "E_USAGE", hint: expect.stringContaining("SERVICE/ACCOUNT") }),
      expect.objectContaining({ code: "E_USAGE" }),
    ]);
  });

  it("SC02: are refused with what to do where the keychain is locked, has no collection, or is not there", () => {
    const isLocked = { ...REFUSED, message: expect.stringContaining("the keychain is locked") };
    for (const person of ["root", "ordinary"] as const) {
      const calls: Batch = [
        ["get", "two@acme", "a"],
        ["set", "two@acme", "a", "2"],
      ];
      const keytar: readonly Batch[] = [[["keytar", "app/me"]], [["keytar", "app/you"]]];
      expect(callSecrets(home, "locked", [calls, ...keytar], person)).toMatchObject([
        [isLocked, isLocked],
        [{ code: "E_KEYCHAIN", hint: "unlock it and try again" }],
        [{ code: "E_NOT_FOUND" }],
      ]);
    }
    using fresh = temporaryHome();
    expect(callSecrets(fresh, "absent", [[["set", "fmt@acme", "a", "1"]]], "ordinary")).toMatchObject([
      [{ ...REFUSED, message: expect.stringContaining("no collection") }],
    ]);
    const gone = { ...REFUSED, message: expect.stringContaining("there is no keychain") };
    expect(
      callSecrets(fresh, "no bus", [
        [
          ["set", "fmt@acme", "a", "1"],
          ["get", "fmt@acme", "a"],
          ["keytar", "app/me"],
        ],
      ]),
    ).toMatchObject([[gone, gone, { code: "E_KEYCHAIN", hint: expect.stringContaining("run a secret service") }]]);
  });
});
