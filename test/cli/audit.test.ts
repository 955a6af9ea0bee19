import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { documentHere, pluginHere, type InProcessOptions } from "../support/in-process.ts";
import { collector } from "../support/otlp-collector.ts";
import { marketFiles } from "../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

/** A home in which `fmt@acme` was installed and switched off. */
async function used(home: TemporaryHome): Promise<InProcessOptions> {
  home.write("project/readme.txt", "");
  const market = { name: "acme", plugins: { fmt: { version: "1.0.0" } } };
  for (const [path, text] of Object.entries(marketFiles(market))) home.write(`acme/${path}`, text);
  const at = { home: home.path("home"), cwd: home.path("project") };
  for (const words of [
    ["marketplace", "add", home.path("acme")],
    ["add", "fmt@acme"],
    ["disable", "fmt@acme"],
  ]) {
    expect(await pluginHere(words, at)).toMatchObject({ exit: 0 });
  }
  return at;
}

it("the log of what was done is asked, checked, handed on and pruned", async () => {
  using home = temporaryHome();
  await using server = await collector();
  const at = await used(home);

  const { records } = await documentHere(["audit", "query", "--plugin", "fmt", "--action", "commit"], at);
  expect(records).toMatchObject([{ subject: "add fmt@acme" }, { subject: "disable fmt@acme" }]);
  expect((await pluginHere(["audit", "query", "--since", "1h", "--limit", "1"], at)).text).toMatch(
    /allowed {2}commit {2}disable fmt@acme .*\n2 older records left out: `--limit 3` shows all/u,
  );
  expect(await documentHere(["audit", "verify"], at)).toMatchObject({ exit: 0, generations: 2, diagnostics: [] });

  expect(await documentHere(["audit", "export", "-o", "log.jsonl"], at)).toMatchObject({ exit: 0, outcome: "written" });
  const written = readFileSync(home.path("project/log.jsonl"), "utf8");
  expect((await pluginHere(["audit", "export"], at)).text).toBe(written.trimEnd());
  expect((await documentHere(["audit", "export", "--otlp", new URL(server.url).origin], at))["outcome"]).toBe("sent");
  const hashes = server.requests.flatMap((request) =>
    request.records.map(({ attributes }) => attributes["plugsmith.audit.hash"]),
  );
  expect(hashes).toEqual(
    written
      .trimEnd()
      .split("\n")
      .map((line): string => JSON.parse(line).hash),
  );

  expect((await pluginHere(["audit", "prune", "--before", "0m", "--dry-run"], at)).text).toContain("would go");
  const audit = home.path("home/audit");
  const [first = ""] = readdirSync(audit);
  const text = readFileSync(`${audit}/${first}`, "utf8");
  writeFileSync(`${audit}/${first}`, text.replace("marketplace add", "marketplace see"));
  expect((await pluginHere(["audit", "verify"], at)).text).toContain("the record was edited");
  expect(await documentHere(["audit", "verify"], at)).toMatchObject({ exit: 1, ok: false });
  expect(await documentHere(["verify"], at)).toMatchObject({ exit: 1 });
  expect((await pluginHere(["audit", "prune", "--before", "0m"], at)).text).toMatch(
    /does not verify.*\n.*\n.*--damaged/u,
  );

  rmSync(audit, { recursive: true });
  expect(await documentHere(["audit", "verify"], at)).toMatchObject({ exit: 1 });
  expect(await pluginHere(["audit", "prune", "--before", "0m", "--damaged"], at)).toMatchObject({ exit: 0 });
  expect((await pluginHere(["audit", "verify"], at)).text).toMatch(/^ok .*\n.*errors? accepted \(not anchored yet/u);
  await pluginHere(["enable", "fmt"], at);
  expect(await documentHere(["audit", "verify"], at)).toMatchObject({ exit: 0, prunings: [{ anchored: true }] });
});

it.each([
  [["query", "--since", "yesterday"], "`--since yesterday` is no time"],
  [["query", "--until", "2026-02-30"], "`--until 2026-02-30` is no time"],
  [["query", "--limit", "0"], "`--limit 0` is not a number of records"],
  [["query", "--outcome", "maybe"], "`--outcome` is one of"],
  [["export", "--json"], "`--json` is one document"],
  [["export", "--output", "x", "--otlp", "http://h"], "are two exports"],
  [["export", "--otlp", "localhost:4318"], "is no http address"],
  [["export", "--otlp", "http://me:pw@h"], "takes no credentials"],
  [["prune"], "needs `--before`"],
  [["prune", "--before", "2999-01-01"], "lies in the future"],
])("plugin audit %j is refused: %s", async (words, says) => {
  using home = temporaryHome();
  const { exit, text } = await pluginHere(["audit", ...words], { home: home.path("home"), cwd: home.directory });
  expect({ exit, text }).toEqual({ exit: 2, text: expect.stringContaining(says) });
  expect(readdirSync(home.directory)).toEqual([]);
});
