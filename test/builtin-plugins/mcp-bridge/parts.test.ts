import { describe, expect, it } from "vitest";
import { Attempts } from "../../../builtin-plugins/mcp-bridge/attempts.ts";
import { addressRefusal } from "../../../builtin-plugins/mcp-bridge/address-check.ts";
import { resolveEndpoint } from "../../../builtin-plugins/mcp-bridge/endpoint.ts";
import { Lanes } from "../../../builtin-plugins/mcp-bridge/lanes.ts";
import { readLists } from "../../../builtin-plugins/mcp-bridge/listed.ts";
import { MessageLines } from "../../../builtin-plugins/mcp-bridge/message-lines.ts";
import { Placeholders } from "../../../builtin-plugins/mcp-bridge/placeholders.ts";
import { minimalEnvironment } from "../../../builtin-plugins/mcp-bridge/server-environment.ts";
import { withoutCredentials } from "../../../plugin-api/inherited-environment.ts";
import { NameBook, serverPart } from "../../../builtin-plugins/mcp-bridge/tool-names.ts";
import { safeSchema } from "../../../builtin-plugins/mcp-bridge/tool-schema.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("placeholders", () => {
  const values = {
    directories: { CLAUDE_PLUGIN_ROOT: "/root" },
    options: { city: "Bonn", tricky: "${SECRET}" },
    environment: { HOME: "/home/me", SECRET: "s", EMPTY: "", CLAUDE_PLUGIN_ROOT: "/elsewhere" },
  };
  const rows = [
    { text: "${CLAUDE_PLUGIN_ROOT}/x ${HOME}", expanded: "/root/x /home/me", missing: [] },
    { text: "${NONE:-a b} ${EMPTY:-c} ${EMPTY}.", expanded: "a b c .", missing: [] },
    {
      text: "${NONE} ${user_config.none} $HOME {HOME}",
      expanded: "${NONE} ${user_config.none} $HOME {HOME}",
      missing: ["NONE", "user_config.none"],
    },
    { text: "${user_config.city}", expanded: "Bonn", missing: [] },
    { text: "${user_config.tricky}", expanded: "${SECRET}", missing: [] },
    { text: "${toString} ${constructor:-x}", expanded: "${toString} x", missing: ["toString"] },
  ];
  it.each(rows)("expands `$text`", ({ text, expanded, missing }) => {
    const places = new Placeholders(values);
    expect(places.expand(text)).toBe(expanded);
    expect([...places.missing]).toEqual(missing);
  });
});

it.each([
  ["s", { A: "mine" }],
  ["t", "`plugin config set p@test s.key`"],
])("an option that is named after server `s` is filled in for server `%s`: %j", async (name, expected) => {
  const config = { transport: "stdio", command: "c", args: [], env: { A: "${user_config.s.key}" } } as const;
  const result = await resolveEndpoint(
    {
      plugin: { id: "p@test", name: "p", version: "1.0.0", tier: "installed", directory: "/p", dataDirectory: "/d" },
      server: { kind: "mcp", name, config, where: { file: "x" } },
      userConfig: {},
      options: { "s.key": "mine" },
    },
    {
      workspace: {
        directory: "/w",
        projectDirectory: "/w",
        trusted: true,
        homeDirectory: "/h",
        plugsmithHome: "/h",
        environment: {},
      },
    },
  );
  if (typeof expected === "object") expect(result).toMatchObject({ endpoint: { environment: expected } });
  else expect(result).toMatchObject({ kind: "problem", problem: expect.stringContaining(expected) });
});

describe("environments", () => {
  it("hold neither credentials nor a path through the workspace", () => {
    const person = {
      PATH: "/usr/bin:/work/p/bin:rel:.:/work/p:/work/pq",
      LC_ALL: "C",
      GITHUB_TOKEN: "x",
      HOME: "/h",
      FOO: "y",
    };
    expect(minimalEnvironment(person, "/work/p")).toEqual({ PATH: "/usr/bin:/work/pq", LC_ALL: "C", HOME: "/h" });
  });

  it("HK11: lose every variable whose name looks like a credential", () => {
    const names = [
      "GITHUB_TOKEN",
      "AWS_SECRET_ACCESS_KEY",
      "DB_PASSWORD",
      "API_KEY",
      "BASIC_AUTH",
      "COOKIE",
      "GH_PAT",
      "SENTRY_DSN",
      "MY_CREDENTIALS",
      "APIKEY",
      "token",
    ];
    const kept = ["PATH", "HOME", "PATTERN", "EDITOR", "AUTHOR", "MONKEYS_X"];
    const person = Object.fromEntries([...names, ...kept].map((name) => [name, "v"]));
    expect(Object.keys(withoutCredentials(person))).toEqual(
      expect.arrayContaining(["PATH", "HOME", "PATTERN", "EDITOR", "AUTHOR"]),
    );
    for (const name of names) expect(withoutCredentials(person)).not.toHaveProperty(name);
  });
});

describe("names", () => {
  it("PR09: cannot be taken by another server", () => {
    expect(new NameBook(serverPart("a")).enter("b__c", new Set())).toBe("mcp__a__b__c");
    expect(new NameBook(serverPart("a__b")).enter("c", new Set())).toBe("mcp__a_b__c");
    expect(new NameBook(serverPart("_a_")).enter("_c", new Set())).toBe("mcp__a___c");
    expect(serverPart("☃")).toMatch(/^server_[0-9a-f]{8}$/u);
  });
});

describe("schemas", () => {
  const recursive = { type: "object", properties: { next: { $ref: "#" } } };
  const kept = [
    { type: "object" },
    recursive,
    { type: "object", properties: { pattern: { type: "string", pattern: "^[a-z]+$" } } },
  ];
  it.each(kept)("that are sound stay as they are", (schema) => {
    expect(safeSchema(schema)).toEqual({ schema });
  });

  it("lose only the patterns that cannot be checked in bounded time", () => {
    const properties = {
      a: { type: "string", pattern: "^(a+)+$" },
      b: { type: "string", pattern: "(" },
      c: { pattern: "^x" },
    };
    expect(safeSchema({ type: "object", properties, patternProperties: { "(x*)*": {}, "^y": {} } }).schema).toEqual({
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" }, c: { pattern: "^x" } },
      patternProperties: { "^y": {} },
    });
  });

  it("without a type are objects", () => {
    expect(safeSchema({}).schema).toEqual({ type: "object" });
  });
});

describe("lines", () => {
  it("come out whole however they are cut", () => {
    const lines = new MessageLines(100);
    const text = bytes('{"a":"ü☃"}\n\n{"b":1}\nrest');
    const heard: string[] = [];
    for (const byte of text) heard.push(...(lines.push(new Uint8Array([byte])) ?? []));
    expect(heard).toEqual(['{"a":"ü☃"}', "", '{"b":1}']);
    expect(lines.push(bytes("!\n"))).toEqual(["rest!"]);
  });

  it("end at the cap, with and without a newline", () => {
    expect(new MessageLines(3).push(bytes("abc\nd"))).toEqual(["abc"]);
    expect(new MessageLines(3).push(bytes("abcd"))).toBeUndefined();
    expect(new MessageLines(3).push(bytes("abcd\n"))).toBeUndefined();
  });
});

describe("attempts", () => {
  it("PR01: pause longer each time, stop after three, and begin again after a while", () => {
    const attempts = new Attempts({ failures: 3, windowMs: 1_000, firstPauseMs: 100, coolDownMs: 5_000 });
    expect(attempts.pauseMs(0)).toBe(0);
    expect(attempts.failed("a", 0)).toBe(false);
    expect(attempts.pauseMs(0)).toBe(100);
    expect(attempts.failed("b", 150)).toBe(false);
    expect(attempts.pauseMs(150)).toBe(200);
    expect(attempts.failed("c", 400)).toBe(true);
    expect(attempts.off(500)).toContain("because c");
    expect(attempts.off(5_400)).toBeUndefined();
    attempts.forget();
    expect(attempts.off(500)).toBeUndefined();
  });

  it("that lie far apart do not add up", () => {
    const attempts = new Attempts({ failures: 2, windowMs: 1_000, firstPauseMs: 100, coolDownMs: 5_000 });
    expect([attempts.failed("a", 0), attempts.failed("b", 2_000), attempts.failed("c", 2_500)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe("lanes", () => {
  it("RS07: run a bounded number of things at once, failures included", async () => {
    const lanes = new Lanes(2);
    let [now, most] = [0, 0];
    const results = await Promise.allSettled(
      [1, 2, 3, 4, 5].map((number) =>
        lanes.run(async () => {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setImmediate(resolve));
          now -= 1;
          if (number === 2) throw new Error("two");
          return number;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
      "fulfilled",
    ]);
  });
});

describe("addresses that a server names", () => {
  const server = new URL("https://mcp.example.test/mcp");
  const rows = [
    { target: "https://mcp.example.test/other", refused: false },
    { target: "https://192.0.2.7/", refused: false },
    { target: "http://192.0.2.7/", refused: true },
    { target: "https://127.0.0.1/", refused: true },
    { target: "https://10.1.2.3/", refused: true },
    { target: "https://169.254.169.254/latest", refused: true },
    { target: "https://[::1]/", refused: true },
    { target: "https://[fd00::1]/", refused: true },
    { target: "https://[::ffff:10.0.0.1]/", refused: true },
    { target: "https://0x7f000001/", refused: true },
    { target: "file:///etc/passwd", refused: true },
  ];
  it.each(rows)("PR11: $target", async ({ target, refused }) => {
    expect((await addressRefusal(new URL(target), server)) !== undefined).toBe(refused);
  });

  it("may be on this machine when the server is", async () => {
    expect(await addressRefusal(new URL("http://localhost:9/"), new URL("http://127.0.0.1:8/"))).toBeUndefined();
  });
});

describe("lists", () => {
  it("PR04: of a million tools are cut, malformed entries are left out and told", () => {
    const told: string[] = [];
    const tool = { name: "a", inputSchema: {} };
    const lists = readLists(
      { tools: Array.from({ length: 1_000_000 }, () => tool), prompts: [{}, 7], resources: "x" },
      (one) => void told.push(one),
    );
    expect([lists.tools.length, lists.prompts.length, lists.resources.length]).toEqual([1_000, 0, 0]);
    expect(told[0]).toBe("only 1000 of its 1000000 tools are used");
  });
});
