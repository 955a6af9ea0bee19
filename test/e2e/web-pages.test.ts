import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOOK, sandbox, type Sandbox } from "../cli/sandbox.ts";
import { expectAccessible, launchBrowser, serveFolder, skipsBrowser, watch } from "../support/browser.ts";
import { hostileMarket } from "../support/hostile-market.ts";
import { readDocument } from "../support/json-document.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/** `plugin ui` of a sandbox, with the link that it printed. */
interface RunningUi extends AsyncDisposable {
  readonly link: string;
  readonly end: () => Promise<{ readonly status: number | null; readonly stdout: string }>;
}

async function startUi(box: Sandbox, words: readonly string[] = []): Promise<RunningUi> {
  const { child, ended } = box.start(["ui", "--no-open", ...words]);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  child.stderr?.on("data", (text: string) => {
    said += text;
    const link = /http:\/\/\S+/u.exec(said)?.[0];
    if (link !== undefined) resolve(link);
  });
  child.once("close", () => reject(new Error(`ended before it listened: ${said}`)));
  const link = await promise;
  const end = () => {
    child.kill("SIGINT");
    return ended;
  };
  return { link, end, [Symbol.asyncDispose]: async () => void (await end()) };
}

const pagesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".html"));

describe.skipIf(skipsBrowser())("web pages", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function inBrowser(
    origin: string,
    work: (page: Page, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1100, height: 760 } });
    try {
      const { page, complaints } = watch(await context.newPage(), origin);
      await work(page, context);
      expect(await page.evaluate("globalThis.pwned")).toBeUndefined();
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  }

  describe("of a marketplace", () => {
    const count = (page: Page): Promise<string | null> => page.locator("#found").textContent();
    const names = (page: Page): Promise<readonly string[]> => page.locator(".result-name a").allTextContents();

    it("are searched, filtered and left by the keyboard alone, also from a folder", async () => {
      using box = sandbox();
      const market = box.market("acme", {
        "lint-all": { files: HOOK },
        lint: { files: { "skills/lint/SKILL.md": "---\nname: lint\ndescription: lints files\n---\n\nLint.\n" } },
        notes: { dependencies: ["lint"], files: { "README.md": "# Notes\n\nWrites **notes**.\n" } },
      });
      const site = box.files.path("site");
      expect(box.run(["marketplace", "site", site, "--marketplace", market]).stderr).toBe("");
      await using server = await serveFolder(site);
      for (const front of [`${server.origin}/`, pathToFileURL(`${site}/index.html`).href]) {
        await inBrowser(front.replace(/index\.html$/u, ""), async (page) => {
          await page.goto(front);
          expect(await count(page)).toBe("3 plugins");
          await page.keyboard.press("/");
          await page.keyboard.type("lint");
          expect([await count(page), await names(page)]).toEqual(["2 plugins", ["lint", "lint-all"]]);
          await page.keyboard.type(" zebra");
          expect(await count(page)).toBe("0 plugins");
          await page.getByRole("button", { name: "Clear the search and all filters" }).press("Enter");
          expect(await count(page)).toBe("3 plugins");
          await page.getByLabel("Nothing", { exact: true }).press("Space");
          expect(await names(page)).toEqual(["lint", "notes"]);
          await page.reload();
          expect([await names(page), new URL(page.url()).search]).toEqual([["lint", "notes"], "?runs=no"]);
          await page.keyboard.press("/");
          await page.keyboard.type("notes");
          await page.keyboard.press("Enter");
          await page.keyboard.press("Enter");
          await page.waitForURL(/p\/notes\.html$/u);
          expect(await page.locator(".readme strong").textContent()).toBe("notes");
          await page.locator(".graph a", { hasText: "lint" }).press("Enter");
          await page.waitForURL(/p\/lint\.html$/u);
        });
      }
    });

    it("show versions with what changed between them, and are free of hindrances", async () => {
      using box = sandbox();
      const market = taggedMarket("acme", box.files.path("acme.git"));
      market.release({ tool: { version: "1.0.0", files: { "notes.md": "one\ntwo\n" } } });
      market.release({ tool: { version: "1.1.0", files: { "notes.md": "one\n2\n", ...HOOK } } });
      const site = box.files.path("site");
      const built = box.run([
        "marketplace",
        "site",
        site,
        "--marketplace",
        market.url,
        "--base",
        "https://x.example/m",
      ]);
      expect(built).toMatchObject({ status: 0, stderr: "" });
      expect(readFileSync(`${site}/sitemap.xml`, "utf8")).toContain("<loc>https://x.example/m/p/tool.html</loc>");
      await using server = await serveFolder(site);
      await inBrowser(server.origin, async (page) => {
        await page.goto(`${server.origin}/p/tool.html`);
        expect(await page.locator("pre").first().textContent()).toContain(
          `plugin marketplace add ${market.url}\nplugin add tool@acme`,
        );
        await expectAccessible(page);
        await page.getByRole("link", { name: "1.1.0" }).click();
        expect(await page.locator("#changes").textContent()).toBe("Changes since 1.0.0");
        expect(await page.locator(".fact-changes").textContent()).toContain("now can execute hook PreToolUse");
        expect(await page.locator(".diff").allTextContents()).toContainEqual(expect.stringContaining("- two\n+ 2\n"));
        await expectAccessible(page);
        await page.goto(server.origin);
        await expectAccessible(page);
        await page.goto(`${server.origin}/all.html`);
        await expectAccessible(page);
      });
    });

    it("MK16: run and load nothing of a hostile one, and show its tricks", async () => {
      using box = sandbox();
      for (const [path, text] of Object.entries(hostileMarket())) box.files.write(`hostile/${path}`, text);
      const site = box.files.path("site");
      const built = box.json(["marketplace", "site", site, "--marketplace", box.files.path("hostile")]);
      expect(built).toMatchObject({ status: 0, document: { plugins: 2 } });
      await using server = await serveFolder(site);
      const pages = pagesBelow(site);
      expect(pages.length).toBeGreaterThan(3);
      await inBrowser(server.origin, async (page) => {
        for (const path of pages) {
          await page.goto(`${server.origin}/${path}`);
          expect(await page.evaluate("globalThis.pwned")).toBeUndefined();
          const scripts = await page
            .locator("script")
            .evaluateAll((all) => all.filter((one) => !one.hasAttribute("src")).length);
          expect([
            path,
            scripts,
            await page.locator("img, iframe, main style, base, [onload], [onerror]").count(),
          ]).toEqual([path, 0, 0]);
          expect(await page.locator("a[href^='javascript:']").count()).toBe(0);
          expect(await page.content()).not.toMatch(/[\u202e\u0007\u200b]/u);
        }
        await page.goto(`${server.origin}/p/nasty.html`);
        expect(await page.locator(".executables").textContent()).toContain(String.raw`\u{202e}evil`);
        await expectAccessible(page);
        await page.goto(server.origin);
        await page.locator("#q").fill("script");
        expect(await page.locator(".result").count()).toBeGreaterThan(0);
      });
    });

    it("are the same bytes when they are made again", () => {
      using box = sandbox();
      const market = box.market("acme", {
        a: { files: HOOK },
        b: { dependencies: ["a"], files: { "README.md": "# B\n" } },
      });
      const [one, other] = ["one", "other"].map((name) => {
        const out = box.files.path(name);
        expect(box.run(["marketplace", "site", out, "--marketplace", market, "--source", "o/r"]).status).toBe(0);
        const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
        return files
          .map((entry) => `${entry.parentPath}/${entry.name}`)
          .toSorted()
          .map((path) => [path.slice(out.length), readFileSync(path, "utf8")]);
      });
      expect(one?.length).toBeGreaterThan(8);
      expect(other).toEqual(one);
    });
  });

  describe("of this machine", () => {
    const installed = (box: Sandbox): readonly unknown[] => {
      const { plugins } = box.json(["list"]).document;
      return Array.isArray(plugins)
        ? plugins.map(({ id, version, state }) => `${String(id)} ${String(version)} ${String(state)}`)
        : [];
    };
    const button = (page: Page, name: string) => page.getByRole("button", { name });

    it("install by the keyboard alone, and only after a yes to the digest that the terminal would ask for", async () => {
      using box = sandbox();
      const market = box.market("acme", { guard: { files: HOOK } });
      box.run(["marketplace", "add", market]);
      await using ui = await startUi(box);
      const { origin } = new URL(ui.link);
      await inBrowser(origin, async (page) => {
        await page.goto(ui.link);
        await page.waitForURL(`${origin}/`);
        await page.goto(`${origin}/discover`);
        await page.keyboard.press("/");
        await page.keyboard.type("guard");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/p\/guard%40acme$/u);
        await expectAccessible(page);
        const install = async (answer: string): Promise<void> => {
          await button(page, "Install guard@acme").press("Enter");
          await button(page, "Go ahead").press("Enter");
          // The key that went on must not be a yes to the next question.
          await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("No");
          await button(page, answer).press("Enter");
          await button(page, "Close").waitFor();
        };
        await install("No");
        expect(await page.locator("dialog").textContent()).toContain("nothing was changed");
        expect(installed(box)).toEqual([]);
        await button(page, "Close").press("Enter");
        const refused = box.json(["add", "guard@acme"]).document["error"];
        await button(page, "Install guard@acme").press("Enter");
        await button(page, "Go ahead").press("Enter");
        await button(page, "Yes, it may run exactly this").waitFor();
        await expectAccessible(page);
        expect(JSON.stringify(refused)).toContain((await page.locator("dialog code.digest").textContent()) ?? "none");
        expect(await page.locator("dialog pre").textContent()).toContain("guard.mjs");
        await page.keyboard.press("Escape");
        expect(installed(box)).toEqual([]);
        await install("Yes, it may run exactly this");
        expect(await page.locator("dialog").textContent()).toContain("Installed guard@acme 1.0.0");
        expect(installed(box)).toEqual(["guard@acme 1.0.0 on"]);
      });
      expect(await ui.end()).toMatchObject({ status: 0, stdout: "the server has ended after 1 change\n" });
    });

    it("update, disable, enable, remove and go back, and a second tab follows", async () => {
      using box = sandbox();
      const market = box.market("acme", { tool: {} });
      box.run(["marketplace", "add", market]);
      box.run(["add", "tool@acme"]);
      box.market("acme", { tool: { version: "1.1.0" } });
      await using ui = await startUi(box);
      const { origin } = new URL(ui.link);
      await inBrowser(origin, async (page, context) => {
        await page.goto(ui.link);
        await page.waitForURL(`${origin}/`);
        const other = await context.newPage();
        await other.goto(`${origin}/`);
        // As a person has it: a tab that is not in front is drawn so seldom that each click takes two seconds.
        await page.bringToFront();
        await expectAccessible(page);
        const change = async (name: string): Promise<void> => {
          await button(page, name).click();
          await button(page, "Go ahead").click();
          // The page is loaded anew when the dialog closes.
          await Promise.all([page.waitForEvent("load"), button(page, "Close").click()]);
          await page.locator("dialog[open]").waitFor({ state: "detached" });
        };
        await change("Update tool@acme");
        await other.locator(".version", { hasText: "1.1.0" }).waitFor();
        await change("Disable tool@acme");
        expect(installed(box)).toEqual(["tool@acme 1.1.0 disabled"]);
        await change("Enable tool@acme");
        await change("Remove tool@acme");
        await other.getByText("Nothing is installed yet.").waitFor();
        await page.goto(`${origin}/history`);
        await expectAccessible(page);
        await change("Go back to this generation 2");
        expect(installed(box)).toEqual(["tool@acme 1.1.0 on"]);
      });
    });

    it("MK16: run nothing of a hostile marketplace", async () => {
      using box = sandbox();
      for (const [path, text] of Object.entries(hostileMarket())) box.files.write(`hostile/${path}`, text);
      box.run(["marketplace", "add", box.files.path("hostile")]);
      await using ui = await startUi(box, ["--dry-run", "--json"]);
      const { origin } = new URL(ui.link);
      await inBrowser(origin, async (page) => {
        // From a page of somebody else, as the file that opens a browser is.
        await page.goto(`data:text/html,<a href="${ui.link}">open</a>`);
        await page.getByRole("link").click();
        await page.waitForURL(`${origin}/`);
        for (const path of ["/discover", "/p/nasty%40hostile", "/p/gone%40hostile"]) {
          await page.goto(`${origin}${path}`);
          expect(await page.evaluate("globalThis.pwned")).toBeUndefined();
          expect(await page.locator("img, iframe, main style, a[href^='javascript:']").count()).toBe(0);
        }
        await page.goto(`${origin}/p/nasty%40hostile`);
        await button(page, "Install nasty@hostile").click();
        await button(page, "Close").waitFor();
        expect(await page.locator("dialog").textContent()).toContain("needed@hostile");
      });
      expect(readDocument((await ui.end()).stdout)).toEqual({ ok: true, verb: "ui", changes: 0 });
    });
  });
});

describe("the server of `plugin ui`", () => {
  it("lets nothing in without the link, from elsewhere, or with another digest than it asked about", async () => {
    using box = sandbox();
    box.run(["marketplace", "add", box.market("acme", { guard: { files: HOOK } })]);
    await using ui = await startUi(box);
    const { origin } = new URL(ui.link);
    expect((await fetch(origin)).status).toBe(403);
    const opened = await fetch(ui.link);
    expect([opened.status, opened.headers.get("refresh")]).toEqual([200, "0;url=/"]);
    expect((await fetch(ui.link)).status).toBe(403);
    const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
    const page = await fetch(origin, { headers: { cookie } });
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    const token = /data-token="([^"]+)"/u.exec(await page.text())?.[1] ?? "";
    const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
      fetch(`${origin}${path}`, {
        method: "POST",
        headers: { cookie, origin, "x-plugsmith-token": token, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const order = { verb: "add", ids: ["guard@acme"], scope: "user" };
    const strangers = [{ cookie: "" }, { origin: "https://evil.example" }, { "x-plugsmith-token": "x" }];
    for (const stranger of strangers) expect((await post("/api/changes", order, stranger)).status).toBe(403);
    expect((await post("/api/changes", order, { "content-type": "text/plain" })).status).toBe(400);
    expect((await post("/api/changes", { ...order, verb: "exec" })).status).toBe(400);
    const outcome: unknown[] = [];
    const running = await post("/api/changes", order);
    let rest = "";
    for await (const text of running.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line);
        if (event.kind === "plan") await post("/api/answers", { question: event.question, yes: true });
        if (event.kind === "consent")
          await post("/api/answers", { question: event.question, yes: true, digest: `sha256-${"0".repeat(64)}` });
        if (event.kind === "done" || event.kind === "failed") outcome.push(event.outcome ?? event.code);
      }
    }
    expect(outcome).toEqual(["E_TRUST"]);
    expect(box.json(["list"]).document["plugins"]).toEqual([]);
  });

  it("does not start for a process under a session", () => {
    using box = sandbox();
    const run = box.run(["ui", "--no-open"], { env: { PLUGSMITH_SESSION: "1" } });
    expect(run).toMatchObject({ status: 3, stdout: "" });
    expect(run.stderr).toContain("nothing under a session may do");
  });
});
