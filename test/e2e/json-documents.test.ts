import { appendFileSync, chmodSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DOCUMENTS } from "../../cli/output/documents.ts";
import { VERBS } from "../../cli/verb-table.ts";
import { FixtureRepository } from "../support/git-repository.ts";
import { pluginHere } from "../support/in-process.ts";
import { readDocument } from "../support/json-document.ts";
import { HOOK, sandbox, type Sandbox } from "../cli/sandbox.ts";

const EVERYTHING: Readonly<Record<string, string>> = {
  ...HOOK,
  "skills/tidy/SKILL.md":
    "---\nname: tidy\ndescription: tidies\nallowed-tools: Read, Bash(ls *)\npaths: ['*.md']\n---\n\nRun !`ls`.\n",
  "agents/critic.md": "---\nname: critic\ndescription: criticises\nmodel: haiku\n---\n\nCriticise.\n",
  "output-styles/terse.md": "---\nname: terse\ndescription: says less\n---\n\nSay less.\n",
  "bin/helper": "#!/bin/sh\nexit 0\n",
  ".mcp.json": JSON.stringify({
    mcpServers: {
      local: { command: "node", args: ["server.mjs"], env: { A: "b" } },
      remote: { type: "http", url: "https://mcp.example.com/", headers: { X: "y" } },
    },
  }),
  ".lsp.json": JSON.stringify({ toml: { command: "toml-ls", extensionToLanguage: { ".toml": "toml" } } }),
};

function prepared(): Sandbox {
  const box = sandbox();
  box.market("acme", {
    app: { dependencies: [{ name: "kit", version: "^1.0.0" }] },
    kit: { version: "1.3.0" },
    tidy: {
      files: EVERYTHING,
      manifest: JSON.stringify({
        name: "tidy",
        version: "1.0.0",
        author: { name: "A", email: "a@example.com" },
        keywords: ["k"],
        userConfig: { token: { type: "string", title: "Token", description: "a token", sensitive: true } },
      }),
    },
  });
  return box;
}

/** `serve` speaks MCP on standard output and refuses `--json`; `sbom` prints a document in the form of CycloneDX. */
const verbNames = VERBS.filter(({ name }) => name !== "serve" && name !== "sbom").flatMap(({ name, verbs }) =>
  verbs === undefined ? [name] : verbs.map((verb) => `${name} ${verb.name}`),
);

describe("the documents of --json", () => {
  it("are described for every verb and for nothing else", () => {
    expect([...DOCUMENTS.keys()].sort()).toEqual([...verbNames].sort());
  });

  it("have exactly the shape that is described, whatever a verb answers", async () => {
    using box = prepared();
    const market = box.files.path("markets/acme");
    const seen = new Set<unknown>();
    const step = async (words: readonly string[], exit: number): Promise<string> => {
      const at = { home: box.home, cwd: box.files.path("work"), env: { HOME: box.files.directory } };
      const run = await pluginHere([...words, "--json"], at);
      // Reading checks the shape.
      const document = readDocument(run.stdout);
      expect({ words, exit: run.exit, stderr: run.stderr }).toEqual({ words, exit, stderr: "" });
      expect(document["ok"]).toBe(exit === 0);
      if (!("error" in document)) seen.add(document["verb"]);
      return run.stdout;
    };
    for (const empty of ["list", "outdated", "generations", "verify", "search", "sync", "update"])
      await step([empty], 0);
    await step(["marketplace", "list"], 0);
    await step(["marketplace", "update"], 0);
    await step(["marketplace", "add", market, "--dry-run"], 0);
    await step(["marketplace", "add", market], 0);
    await step(["marketplace", "add", market], 0);
    await step(["add", "app", "--dry-run"], 0);
    await step(["add", "app"], 0);
    await step(["add", "app"], 0);
    await step(["info", "tidy"], 0);
    const digest = /--accept (sha256-[0-9a-f]{64})/u.exec(await step(["add", "tidy"], 3))?.[1] ?? "";
    await step(["add", "tidy", "--accept", digest], 0);
    for (const words of [["list"], ["list", "--check"], ["info", "tidy"], ["info", "kit"], ["why", "kit"]]) {
      await step(words, 0);
    }
    await step(["disable", "tidy:mcp/local"], 0);
    await step(["disable", "tidy"], 0);
    await step(["enable", "tidy"], 0);
    await step(["outdated"], 0);
    await step(["diff"], 0);
    await step(["diff", "1", "--patch"], 0);
    const isFirst = box.files.write("is-first", '#!/bin/sh\ntest "$PLUGSMITH_BISECT" = "generation 1"\n');
    chmodSync(isFirst, 0o755);
    await step(["bisect", "--good", "1", isFirst], 0);
    const option = ["model-anthropic@builtin", "maxRetries"];
    await step(["config", "set", ...option, "3"], 0);
    await step(["config", "get", ...option], 0);
    await step(["config", "list"], 0);
    await step(["config", "unset", ...option], 0);
    const policy = box.files.write(
      "policy.json",
      JSON.stringify({ strictKnownMarketplaces: [], minimumReleaseAge: 5 }),
    );
    const cases = [{ marketplace: "acme/plugins", expect: "denied" }];
    await step(["policy", "show", "--policy", policy], 0);
    await step(["policy", "explain", "acme/plugins", "app@acme", "--policy", policy], 0);
    await step(["policy", "test", box.files.write("cases.json", JSON.stringify({ cases })), "--policy", policy], 0);
    await step(["policy", "compile", "--for", "claude", "--policy", policy], 0);
    await step(["bundle", "export", "bundle.tar"], 0);
    await step(["bundle", "import", "bundle.tar"], 0);
    await step(["search", "kit"], 0);
    await step(["validate", `${market}/tidy`], 0);
    await step(["new", "fresh", "--dry-run"], 0);
    await step(["new", "fresh"], 0);
    await step(["new", "fresh"], 1);
    await step(["pack", "fresh"], 0);
    const repository = new FixtureRepository(box.files.path("work/fresh"), { bare: false });
    repository.git(["add", "."]);
    repository.git(["commit", "--quiet", "--message", "start"]);
    await step(["release", "--dry-run", "--trust-workspace", "--cwd", "fresh"], 0);
    await step(["release", "--github", "--cwd", "fresh"], 0);
    for (const [path, text] of Object.entries(HOOK)) box.files.write(`work/probe/${path}`, text);
    box.files.write(
      "work/probe/tests/a.yaml",
      "cases:\n  - { name: a, expect: { loads: true } }\nrouting:\n  - { prompt: hi, fires: x }\n",
    );
    await step(["test", "probe"], 3);
    await step(["test", "probe", "--trust-workspace"], 1);
    await step(["dev", `${market}/tidy`, "--once"], 0);
    await step(["marketplace", "validate", market], 0);
    // What pages are made of is built with the program.
    const site = box.json(["marketplace", "site", box.files.path("site"), "--marketplace", market]);
    expect([site.status, site.document["verb"]]).toEqual([0, "marketplace site"]);
    seen.add(site.document["verb"]);
    await step(["agents"], 0);
    await step(["completion", "zsh"], 0);
    await step(["agents"], 0);
    await step(["import", "--dry-run"], 0);
    await step(["doctor", "--agents"], 0);
    await step(["doctor"], 0);
    await step(["audit", "query", "--limit", "3"], 0);
    await step(["audit", "verify"], 0);
    await step(["audit", "export", "--output", "audit.jsonl"], 0);
    await step(["audit", "prune", "--before", "1d"], 0);
    await step(["cache", "path"], 0);
    await step(["cache", "gc", "--dry-run"], 0);
    await step(["rollback", "--dry-run"], 0);
    await step(["rollback"], 0);
    await step(["generations"], 0);
    for (const words of [["trust", "--dry-run"], ["trust"], ["trust"], ["trust", "--list"], ["trust", "--revoke"]]) {
      await step(words, 0);
    }
    await step(["verify"], 0);
    damage(readDocument(await step(["info", "kit"], 0)));
    await step(["verify"], 1);
    await step(["list", "--check"], 1);
    await step(["sync"], 0);
    box.files.write("markets/acme/.claude-plugin/marketplace.json", "{");
    await step(["marketplace", "update"], 1);
    await step(["marketplace", "validate", market], 1);
    await step(["marketplace", "list"], 0);
    await step(["remove", "app", "tidy"], 0);
    await step(["marketplace", "remove", "acme"], 0);
    // `ui` prints its document when somebody ends it: web-pages.test.ts.
    expect([...seen].sort()).toEqual(verbNames.filter((name) => name !== "ui").sort());
  });
});

/** Adds a line to a file of an installed plugin, which is described by `info`. */
function damage(info: Readonly<Record<string, unknown>>): void {
  // The shape of `info --json`.
  const directory = (info["installed"] as readonly { readonly directory: string }[])[0]?.directory ?? "";
  const file = `${directory}/commands/kit.md`;
  chmodSync(file, 0o644);
  appendFileSync(file, "more\n");
}
