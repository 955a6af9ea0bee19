import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { canary } from "../support/canary.ts";
import { sandbox } from "../cli/sandbox.ts";
import { FixtureRepository } from "../support/git-repository.ts";
import { publishServer } from "../support/publish-server.ts";
import { readDocument } from "../support/json-document.ts";
import { marketFiles } from "../support/plugin-files.ts";

/** The bundle under test lies outside the checkout, and the registry client is a package of its own. */
const PACKAGES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const NAMES = Array.from({ length: 30 }, (_, at) => `p${at}`);

it("finds the three of thirty plugins that changed, releases them, and another home installs what was tagged", async () => {
  using box = sandbox();
  await using registry = await publishServer(canary("npm"));
  const remote = new FixtureRepository(box.files.path("remote"));
  const author = new FixtureRepository(box.files.path("author"), { bare: false });
  const plugins = Object.fromEntries(NAMES.map((name) => [name, { version: "1.0.0" }]));
  author.commit([{ files: marketFiles({ name: "acme", plugins }), tags: NAMES.map((name) => `${name}--v1.0.0`) }]);
  author.checkOut();
  box.files.write("author/.git/info/exclude", "fixture-marks\n");
  author.git(["remote", "add", "origin", remote.directory]);
  const folder = author
    .git(["ls-files", "*p7/.claude-plugin/plugin.json"])
    .replace("p7/.claude-plugin/plugin.json", "");
  box.files.write(`author/${folder}p3/README.md`, "# p3\n");
  box.files.write(`author/${folder}p7/commands/more.md`, "---\ndescription: more\n---\n\nMore.\n");
  author.git([
    "rm",
    "--quiet",
    "-r",
    ...author
      .git(["ls-files", `${folder}p9`])
      .split("\n")
      .filter((path) => !path.includes(".claude-plugin")),
  ]);
  author.git(["add", "."]);
  author.git(["commit", "--quiet", "--message", "work on three"]);
  const environment = { cwd: author.directory, env: { NODE_AUTH_TOKEN: canary("npm"), NODE_PATH: PACKAGES } };
  const release = (...words: string[]) => box.json(["release", "--trust-workspace", ...words], environment);

  const dry = release("--dry-run").document;
  expect(dry).toMatchObject({ outcome: "dry-run", unchanged: 27, blocked: ["branch `main` follows none of a remote"] });
  expect(dry["plugins"]).toMatchObject([
    { name: "p3", to: "1.0.1", level: "patch" },
    { name: "p7", to: "1.1.0", level: "minor" },
    { name: "p9", to: "2.0.0", level: "major" },
  ]);
  expect(release("--changed", "--yes").document).toMatchObject({ error: { code: "E_RELEASE" } });
  author.git(["push", "--quiet", "--set-upstream", "origin", "main", "--tags"]);
  expect(release("--yes").document).toMatchObject({ error: { code: "E_USAGE" } });
  // The registry answers in this process, which therefore may not wait for the command.
  const npm = ["--npm", "--registry", `${registry.origin}/npm`, "--json"];
  const done = await box.start(["release", "--trust-workspace", "--changed", "--yes", ...npm], environment).ended;
  const document = readDocument(done.stdout);
  expect({ ...done, document }).toMatchObject({
    status: 0,
    stderr: "",
    document: { outcome: "released", published: ["p3@1.0.1", "p7@1.1.0", "p9@2.0.0"] },
  });
  expect(registry.published.map(({ name, version }) => `${name}@${version}`)).toEqual(document["published"]);
  author.git(["push", "--quiet", "--atomic", "origin", "HEAD", "p3--v1.0.1", "p7--v1.1.0", "p9--v2.0.0"]);
  expect(release("--changed", "--yes").document).toMatchObject({ outcome: "nothing", unchanged: 30 });

  using other = sandbox();
  expect(other.json(["marketplace", "add", `file://${remote.directory}`]).status).toBe(0);
  expect(other.json(["add", "p7@acme@^1.0.0"]).status).toBe(0);
  expect(other.json(["list"]).document["plugins"]).toMatchObject([{ id: "p7@acme", version: "1.1.0" }]);
});
