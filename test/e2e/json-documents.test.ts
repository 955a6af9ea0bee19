import { appendFileSync, chmodSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DOCUMENTS } from "../../cli/output/documents.ts";
import { VERBS } from "../../cli/verb-table.ts";
import { FixtureRepository } from "../support/git-repository.ts";
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

  it("have exactly the shape that is described, whatever a verb answers", () => {
    using box = prepared();
    const market = box.files.path("markets/acme");
    const seen = new Set<unknown>();
    const step = (words: readonly string[], status: number, env: Readonly<Record<string, string>> = {}): string => {
      // `json` checks the shape.
      const run = box.json(words, { env });
      expect({ words, status: run.status, stderr: run.stderr }).toEqual({ words, status, stderr: "" });
      expect(run.document["ok"]).toBe(status === 0);
      if (!("error" in run.document)) seen.add(run.document["verb"]);
      return run.stdout;
    };
    for (const empty of ["list", "outdated", "generations", "verify", "search", "sync", "update"]) step([empty], 0);
    step(["marketplace", "list"], 0);
    step(["marketplace", "update"], 0);
    step(["marketplace", "add", market, "--dry-run"], 0);
    step(["marketplace", "add", market], 0);
    step(["marketplace", "add", market], 0);
    step(["add", "app", "--dry-run"], 0);
    step(["add", "app"], 0);
    step(["add", "app"], 0);
    step(["info", "tidy"], 0);
    const digest = /--accept (sha256-[0-9a-f]{64})/u.exec(step(["add", "tidy"], 3))?.[1] ?? "";
    step(["add", "tidy", "--accept", digest], 0);
    for (const words of [["list"], ["list", "--check"], ["info", "tidy"], ["info", "kit"], ["why", "kit"]]) {
      step(words, 0);
    }
    step(["disable", "tidy:mcp/local"], 0);
    step(["disable", "tidy"], 0);
    step(["enable", "tidy"], 0);
    step(["outdated"], 0);
    step(["diff"], 0);
    step(["diff", "1", "--patch"], 0);
    const isFirst = box.files.write("is-first", '#!/bin/sh\ntest "$PLUGSMITH_BISECT" = "generation 1"\n');
    chmodSync(isFirst, 0o755);
    step(["bisect", "--good", "1", isFirst], 0);
    const option = ["model-anthropic@builtin", "maxRetries"];
    step(["config", "set", ...option, "3"], 0);
    step(["config", "get", ...option], 0);
    step(["config", "list"], 0);
    step(["config", "unset", ...option], 0);
    const policy = box.files.write(
      "policy.json",
      JSON.stringify({ strictKnownMarketplaces: [], minimumReleaseAge: 5 }),
    );
    const cases = [{ marketplace: "acme/plugins", expect: "denied" }];
    step(["policy", "show", "--policy", policy], 0);
    step(["policy", "explain", "acme/plugins", "app@acme", "--policy", policy], 0);
    step(["policy", "test", box.files.write("cases.json", JSON.stringify({ cases })), "--policy", policy], 0);
    step(["policy", "compile", "--for", "claude", "--policy", policy], 0);
    step(["bundle", "export", "bundle.tar"], 0);
    step(["bundle", "import", "bundle.tar"], 0);
    step(["search", "kit"], 0);
    step(["validate", `${market}/tidy`], 0);
    step(["new", "fresh", "--dry-run"], 0);
    step(["new", "fresh"], 0);
    step(["new", "fresh"], 1);
    step(["pack", "fresh"], 0);
    const repository = new FixtureRepository(box.files.path("work/fresh"), { bare: false });
    repository.git(["add", "."]);
    repository.git(["commit", "--quiet", "--message", "start"]);
    step(["release", "--dry-run", "--trust-workspace", "--cwd", "fresh"], 0);
    step(["release", "--github", "--cwd", "fresh"], 0);
    for (const [path, text] of Object.entries(HOOK)) box.files.write(`work/probe/${path}`, text);
    box.files.write(
      "work/probe/tests/a.yaml",
      "cases:\n  - { name: a, expect: { loads: true } }\nrouting:\n  - { prompt: hi, fires: x }\n",
    );
    step(["test", "probe"], 3);
    step(["test", "probe", "--trust-workspace"], 1);
    step(["dev", `${market}/tidy`, "--once"], 0);
    step(["marketplace", "validate", market], 0);
    step(["marketplace", "site", box.files.path("site"), "--marketplace", market], 0);
    step(["agents"], 0);
    step(["completion", "zsh"], 0);
    step(["agents"], 0);
    step(["import", "--dry-run"], 0);
    step(["doctor", "--agents"], 0);
    step(["doctor"], 0);
    step(["audit", "query", "--limit", "3"], 0);
    step(["audit", "verify"], 0);
    step(["audit", "export", "--output", "audit.jsonl"], 0);
    step(["audit", "prune", "--before", "1d"], 0);
    step(["cache", "path"], 0);
    step(["cache", "gc", "--dry-run"], 0);
    step(["rollback", "--dry-run"], 0);
    step(["rollback"], 0);
    step(["generations"], 0);
    for (const words of [["trust", "--dry-run"], ["trust"], ["trust"], ["trust", "--list"], ["trust", "--revoke"]]) {
      step(words, 0);
    }
    step(["verify"], 0);
    damage(box);
    step(["verify"], 1);
    step(["list", "--check"], 1);
    step(["sync"], 0);
    box.files.write("markets/acme/.claude-plugin/marketplace.json", "{");
    step(["marketplace", "update"], 1);
    step(["marketplace", "validate", market], 1);
    step(["marketplace", "list"], 0);
    step(["remove", "app", "tidy"], 0);
    step(["marketplace", "remove", "acme"], 0);
    // `ui` prints its document when somebody ends it: web-pages.test.ts.
    expect([...seen].sort()).toEqual(verbNames.filter((name) => name !== "ui").sort());
  });
});

/** Adds a line to a file of the installed `kit`. */
function damage(box: Sandbox): void {
  const { document } = box.json(["info", "kit"]);
  // The shape of `info --json`.
  const directory = (document["installed"] as readonly { readonly directory: string }[])[0]?.directory ?? "";
  const file = `${directory}/commands/kit.md`;
  chmodSync(file, 0o644);
  appendFileSync(file, "more\n");
}
