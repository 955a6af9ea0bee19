import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Question } from "../../../plugin-api/index.ts";
import { AuthorizationServer } from "../../support/authorization-server.ts";
import { mcpHost, serverPlugin, webServer, type McpHost } from "../../support/mcp-host.ts";
import { webMcpServer, type WebMcpServer } from "../../support/web-mcp-server.ts";
import { canary } from "../../support/canary.ts";

const tool = "mcp__plugin_p_s__whoami";

interface World extends AsyncDisposable {
  readonly authorization: AuthorizationServer;
  readonly server: WebMcpServer;
  readonly secrets: Map<string, string>;
  readonly questions: Question[];
  /** A host with a person who opens what is shown, or does what `browse` says; none without. */
  host(browse?: ((url: string) => Promise<unknown>) | false, oauth?: Record<string, unknown>): Promise<McpHost>;
}

async function world(): Promise<World> {
  const authorization = await AuthorizationServer.start();
  const server = await webMcpServer({
    authorization: authorization.origin,
    accepts: (token, resource) => authorization.accepts(token, resource),
  });
  const secrets = new Map<string, string>();
  const questions: Question[] = [];
  return {
    authorization,
    server,
    secrets,
    questions,
    host: async (browse = (url) => fetch(url), oauth) => {
      const person = async (question: Question) => {
        questions.push(question);
        if (browse !== false) await browse(question.detail[0] ?? "");
        return question.signal.aborted ? undefined : { choice: "cancel" };
      };
      const plugins = [serverPlugin("p", { s: webServer(server.url, { oauth }) })];
      const host = await mcpHost({ plugins, secrets, ...(browse !== false && { person }) });
      await host.begin();
      return host;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await authorization[Symbol.asyncDispose]();
    },
  };
}

/** Opens an address in a browser of the test, which stays until the redirect was answered. */
const opens = (change: (url: URL) => void) => async (url: string) => {
  const page = await fetch(url, { redirect: "manual" });
  const to = new URL(page.headers.get("location") ?? "");
  change(to);
  return fetch(to);
};

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile());
}

describe.concurrent("signing in", () => {
  it("registers, asks the person once, and keeps tokens in the keychain and nowhere else", async () => {
    await using one = await world();
    await using host = await one.host();
    expect(JSON.parse(await host.text(tool, {}))).toMatchObject({
      authorization: expect.stringMatching(/^Bearer .*-access-/u),
    });
    expect(one.authorization.record).toEqual(["register", "authorize", "token"]);
    expect(one.questions).toMatchObject([{ kind: "sign-in", title: "sign in at MCP server `plugin:p:s`" }]);
    expect([...one.secrets.values()].join()).toMatch(/access-.*refresh-/u);
    const files = filesBelow(host.test.home.directory);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(readFileSync(file, "utf8")).not.toMatch(/access-|refresh-/u);
    expect(host.test.warnings.join()).not.toMatch(/access-|refresh-/u);
  });

  it("uses what is in the keychain in the next session, without a person", async () => {
    await using one = await world();
    await (await one.host())[Symbol.asyncDispose]();
    await using host = await one.host(false);
    expect(await host.text(tool, {})).toContain(`Bearer ${canary("access-")}`);
    expect(one.authorization.record).toHaveLength(3);
  });

  it("renews access that has run out", async () => {
    await using one = await world();
    await using host = await one.host();
    one.authorization.expire();
    expect(await host.text(tool, {})).toContain(`Bearer ${canary("access-")}`);
    expect(one.authorization.record).toEqual(["register", "authorize", "token", "refresh"]);
    expect(one.questions).toHaveLength(1);
  });

  it("asks again after everything was revoked, and makes the call then", async () => {
    await using one = await world();
    await using host = await one.host();
    one.authorization.revoke();
    expect(await host.text(tool, {})).toContain(`Bearer ${canary("access-")}`);
    expect(one.authorization.record).toEqual(["register", "authorize", "token", "authorize", "token"]);
    expect(one.questions).toHaveLength(2);
  });

  it("is refused with the command that does it where nobody can be asked", async () => {
    await using one = await world();
    await using host = await one.host(false);
    expect(await host.names()).toEqual([]);
    expect(host.test.warnings.join()).toContain(
      'it asks for a sign-in; `plugsmith -p "/mcp sign-in plugin:p:s"` in a terminal signs in',
    );
    expect(host.notifications).toMatchObject([{ kind: "mcp-server-unavailable" }]);
    expect(one.authorization.record).toEqual([]);
  });

  it("works by that command without a person service: the address is a notification", async () => {
    await using one = await world();
    await using host = await one.host(false);
    const answer = host.expand("/mcp sign-in plugin:p:s");
    const shown = () => host.notifications.find(({ kind }) => kind === "mcp-sign-in");
    while (shown() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    const url = /open (\S+)/u.exec(shown()?.message ?? "")?.[1] ?? "";
    await fetch(url);
    expect(await answer).toMatchObject({ answer: "`plugin:p:s` is connected" });
    expect(await host.text(tool, {})).toContain(`Bearer ${canary("access-")}`);
    expect(await host.expand("/mcp sign-out plugin:p:s")).toMatchObject({ answer: "signed out of `plugin:p:s`" });
    expect(one.secrets.size).toBe(0);
  });

  it("refuses an answer with another state, and goes on waiting for the right one", async () => {
    await using one = await world();
    const statuses: number[] = [];
    await using host = await one.host(async (url) => {
      const wrong = await opens((to) => to.searchParams.set("state", "x".repeat(43)))(url);
      statuses.push(wrong.status);
      const right = await fetch(url);
      statuses.push(right.status);
      const again = await fetch(right.url).then(
        ({ status }) => status,
        () => "closed",
      );
      expect([400, "closed"]).toContain(again);
    });
    expect(statuses).toEqual([400, 200]);
    expect(await host.text(tool, {})).toContain(`Bearer ${canary("access-")}`);
  });

  const AGAIN = {
    kind: "mcp-server-unavailable",
    message: expect.stringContaining("; `/mcp sign-in plugin:p:s` tries again"),
  };
  const failures = [
    {
      name: "the person says no at the server",
      prepare: ({ authorization }: World) => void (authorization.consent = "no"),
      reason: "the authorization server refused: access_denied",
    },
    {
      name: "another server answers",
      prepare: ({ authorization }: World) => void (authorization.issuer = "https://other.test"),
      reason: "`https://other.test` answered in the place of",
    },
    {
      name: "the address is a script",
      prepare: ({ authorization }: World) => void (authorization.authorizationEndpoint = "javascript:alert(1)"),
      reason: "javascript",
      // Before there is an address that a person could be shown.
      told: { kind: "mcp-server-off" },
    },
    {
      name: "the address is a file",
      prepare: ({ authorization }: World) => void (authorization.authorizationEndpoint = "file:///etc/passwd"),
      reason: "`file://` , which is not https",
    },
    {
      name: "the address is neither https nor here",
      prepare: ({ authorization }: World) => void (authorization.authorizationEndpoint = "http://192.0.2.1/a"),
      reason: "`http://192.0.2.1`, which is not https",
    },
  ];
  it.each(failures)(
    "PR10: fails with the reason, and is not begun again by itself: $name",
    async ({ prepare, reason, told = AGAIN }) => {
      await using one = await world();
      prepare(one);
      await using host = await one.host();
      expect(host.test.warnings.join().replace("`file://`,", "`file://` ,")).toContain(reason);
      expect([...one.secrets.values()].join()).not.toContain("access-");
      expect(host.notifications).toMatchObject([told]);
      expect(one.questions.length).toBeLessThanOrEqual(1);
    },
  );

  it("is not asked for twice after the person did not want to", async () => {
    await using one = await world();
    await using host = await one.host(async () => undefined);
    expect(host.test.warnings.join()).toContain("the person did not want to sign in");
    await host.expand("/mcp reconnect plugin:p:s");
    expect(one.questions).toHaveLength(1);
  });

  it("asks for the scopes that the configuration names", async () => {
    await using one = await world();
    await using host = await one.host(undefined, { scopes: "read write" });
    expect(await host.names()).toEqual([tool]);
    expect(one.authorization.record).toContain("authorize read write");
  });

  it("PR11: leaves metadata alone that lies in a private network", async () => {
    await using authorization = await AuthorizationServer.start();
    await using server = await webMcpServer({
      authorization: authorization.origin,
      accepts: () => false,
      metadata: "http://169.254.169.254/latest",
    });
    const person = async () => undefined;
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: webServer(server.url) })], person });
    await host.begin();
    expect(host.test.warnings.join()).toContain("`http://169.254.169.254`, which is not https; that was refused");
  });

  it("PR12: never sends the server's own headers or tokens to the authorization server", async () => {
    await using one = await world();
    const heard: string[] = [];
    const answer = one.authorization.answer.bind(one.authorization);
    one.authorization.answer = (request) => {
      heard.push(JSON.stringify(request.headers));
      return answer(request);
    };
    const server = webServer(one.server.url, { headers: { "X-Key": canary() } });
    await using host = await mcpHost({
      plugins: [serverPlugin("p", { s: server })],
      secrets: one.secrets,
      person: async ({ detail }) => {
        await fetch(detail[0] ?? "");
        return undefined;
      },
    });
    await host.begin();
    expect(await host.text(tool, {})).toContain(canary());
    expect(heard.length).toBeGreaterThan(2);
    expect(heard.join()).not.toContain("Bearer");
  });
});
