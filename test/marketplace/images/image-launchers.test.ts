import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ImageRegistry, imageRegistry } from "../../support/image-registry.ts";
import { placeHere, underPolicyHere } from "../../support/machine-here.ts";
import type { Place } from "../../support/machine.ts";

/** A marketplace with a plugin whose servers and hook start images, some of which cannot be locked. */
function market(at: Place, { host }: ImageRegistry): string {
  const hook = { type: "command", command: `docker run --rm -v "$PWD:/w" ${host}/acme/say:1 hook` };
  return at.market({
    name: "acme",
    plugins: {
      tool: {
        files: {
          "hooks/hooks.json": JSON.stringify({ hooks: { SessionStart: [{ hooks: [hook] }] } }),
          ".mcp.json": JSON.stringify({
            mcpServers: {
              say: { command: "docker", args: ["run", "-i", "--rm", "-e", "KEY", `${host}/acme/say:1`, "--serve"] },
              later: { command: "docker", args: ["run", "acme/say:${TAG}"] },
            },
          }),
        },
      },
    },
  });
}

function own(at: Place, { host }: ImageRegistry, home = "home"): void {
  at.write(`${home}/.docker/config.json`, JSON.stringify({ auths: { [host]: {} } }));
}

describe("a plugin whose commands start images", () => {
  it("is locked to their digests, elsewhere too with the registry gone, and is moved by update", async () => {
    await using registry = await imageRegistry();
    using at = placeHere();
    const { host } = registry;
    const first = registry.push("acme/say:1", "first");
    const source = market(at, registry);
    for (const home of ["home", "mate"]) await at.ok(["marketplace", "add", source], { home });
    own(at, registry);
    at.write("project/keep", "");
    const scope = ["--scope", "project"];
    const cwd = "project";
    const named = `${host}/acme/say:1`;

    const dry = await at.json(["add", "tool@acme", ...scope, "--dry-run"], { cwd });
    expect(dry.document).toMatchObject({
      plan: {
        launchers: [
          { component: "a hook on `SessionStart`", image: `${named}@${first}` },
          { component: "MCP server `later`", unlocked: "which image it starts is filled in later" },
          { component: "MCP server `say`", image: `${named}@${first}` },
        ],
      },
    });
    expect(registry.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /v2/acme/say/manifests/1"]);
    const { plan } = dry.document as { plan: { consent: readonly { closure: string }[] } };
    const closure = plan.consent[0]?.closure ?? "none";
    const added = await at.ok(["add", "tool@acme", ...scope, "--accept", closure], { cwd });
    expect(added).toContain(`MCP server \`say\` starts the image ${named}@${first}`);
    const lock = (): string => readFileSync(at.path("project/plugins.lock"), "utf8");
    expect(JSON.parse(lock())).toMatchObject({ launchers: { [`oci:${named}`]: { image: first } } });
    const info = await at.ok(["info", "tool"], { cwd });
    expect(info).toContain(
      `MCP server \`say\`: locked to the image ${named}@${first}, which the container engine keeps`,
    );
    expect(info).toContain(
      "MCP server `later`: unlocked, each start may run other code: which image it starts is filled",
    );
    expect(await at.ok(["list", "--check"], { cwd })).toContain("MCP server `later` is unlocked");

    const second = registry.push("acme/say:1", "second");
    expect(await at.ok(["outdated"], { cwd })).toContain(`it starts ${named}@${first}, ${second} is out`);
    registry.misbehaviour = { status: 404 };
    const asked = registry.requests.length;
    const before = lock();
    await at.accept(["sync", "--trust-workspace", "--frozen"], { cwd, home: "mate" });
    await at.ok(["sync", "--offline"], { cwd });
    expect(lock()).toBe(before);
    const bundle = await at.json(["bundle", "export", "all.tgz", ...scope], { cwd });
    expect(bundle.document).toMatchObject({ images: [`${named}@${first}`] });
    const bill = JSON.parse(await at.ok(["sbom", ...scope], { cwd })) as { components: readonly { purl?: string }[] };
    const url = `pkg:oci/say@${first.replace(":", "%3A")}?repository_url=${encodeURIComponent(`${host}/acme/say`).replace("%3A", ":")}&tag=1`;
    expect(bill.components.map(({ purl }) => purl)).toContain(url);
    expect(registry.requests.length).toBe(asked);
    expect(await at.ok(["update", "tool@acme", ...scope], { cwd })).toContain("stays as it is locked");

    registry.misbehaviour = {};
    const refused = await at.fails(3, ["update", "tool@acme", ...scope], { cwd });
    expect(refused).toContain(`locked to the image ${second}`);
    const accept = /--accept (sha256-[0-9a-f]{64})/u.exec(refused)?.[1] ?? "none";
    const updated = await at.ok(["update", "tool@acme", ...scope, "--accept", accept], { cwd });
    expect(updated).toContain(`starts the image ${first} -> ${named}@${second}`);
    await at.ok(["rollback", ...scope], { cwd });
    expect(at.root("project")?.plugins[0]?.launchers).toEqual({ [`oci:${named}`]: { image: first } });
  });

  it("is installed unlocked when its registry may not be asked, and not at all where policy wants a lock", async () => {
    await using registry = await imageRegistry();
    using at = placeHere();
    registry.push("acme/say:1", "first");
    await at.ok(["marketplace", "add", market(at, registry)]);
    const policy = underPolicyHere(at, { requireLockedLaunchers: true });
    expect(await policy(["add", "tool@acme"])).toMatchObject({ exit: 3 });
    const added = await at.accept(["add", "tool@acme"]);
    expect(added).toContain("MCP server `say` is unlocked, each start may run other code");
    expect(added).toContain("inside a private network");
    expect(registry.requests).toEqual([]);
    own(at, registry);
    await at.accept(["sync"]);
    expect(await at.ok(["info", "tool"])).toContain("MCP server `say`: locked to the image");
    at.write("home/.cursor/settings.json", "{}");
    await at.ok(["sync", "--to", "cursor"], { env: { PLUGSMITH_AGENTS: "on" } });
    const given = readFileSync(at.path("home/.cursor/plugins/local/tool/mcp.json"), "utf8");
    const image = /"([^"]*\/acme\/say@sha256:[0-9a-f]{64})"/u.exec(given)?.[1] ?? "none";
    expect(JSON.parse(given)).toMatchObject({
      mcpServers: {
        say: { command: "docker", args: ["run", "-i", "--rm", "-e", "KEY", image, "--serve"] },
        later: { command: "docker", args: ["run", expect.stringContaining("acme/say:")] },
      },
    });
  });
});
