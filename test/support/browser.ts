import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { expect } from "vitest";
import { webServe, type WebServer } from "./web-server.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Why pages cannot be tested here; where `CI` is `true` the tests run and fail instead. */
export function skipsBrowser(): boolean {
  if (existsSync(CHROMIUM)) return false;
  console.log(`web pages: not tested here, because there is no ${CHROMIUM} (Debian's package \`chromium\`)`);
  return process.env["CI"] !== "true";
}

/** Starts the browser of the system; the caller closes it. */
export function launchBrowser(): Promise<Browser> {
  const flags =
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  return chromium.launch({ executablePath: CHROMIUM, args: flags.split(" ") });
}

/** What a page did that it should not. */
export interface Watched {
  readonly page: Page;
  /** Errors, refusals by the page's policy, dialogs, and requests to other places than `origin`. */
  readonly complaints: readonly string[];
}

/** Notes everything that a page does beyond being shown. */
export function watch(page: Page, origin: string): Watched {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith("data:") && !request.url().startsWith(origin))
      complaints.push(`request: ${request.url()}`);
  });
  return { page, complaints };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Expects a page to be without a known hindrance, in both colour schemes, and no wider than a narrow screen. */
export async function expectAccessible(page: Page): Promise<void> {
  const size = page.viewportSize();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // From outside the page, so its policy stays as it is, and once a page. What does not depend on colours is the same in the dark.
    const rules = colorScheme === "light" ? "{}" : "{ runOnly: ['color-contrast'] }";
    const library = colorScheme === "light" ? AXE : "";
    const violations = await page.evaluate(`${library}; axe.run(${rules}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 160)).join(" | ")))`);
    expect({ url: page.url(), colorScheme, violations }).toEqual({ url: page.url(), colorScheme, violations: [] });
  }
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate("document.documentElement.scrollWidth");
  expect({ url: page.url(), width }).toEqual({ url: page.url(), width: 320 });
  if (size !== null) await page.setViewportSize(size);
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
};

/** Serves the files of a folder as a plain host would. */
export function serveFolder(folder: string): Promise<WebServer> {
  return webServe(({ url }) => {
    const path = join(
      folder,
      decodeURIComponent(url.pathname.endsWith("/") ? `${url.pathname}index.html` : url.pathname),
    );
    if (!existsSync(path)) return { status: 404, body: "not found" };
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "text/plain";
    return { headers: { "content-type": `${type}; charset=utf-8` }, body: readFileSync(path, "utf8") };
  });
}
