import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Opens a link in the person's browser, where there is one to be seen; whether it worked is not known. Other users can read the
 * arguments of a process, so the browser gets a file that only this one may read, and that leads on. Dispose it to remove the file.
 */
export function openBrowser(link: string, environment: Readonly<Record<string, string | undefined>>): Disposable {
  const opener = openerOf(process.platform, environment);
  if (opener === undefined) return { [Symbol.dispose]: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "plugsmith-ui-"));
  const file = join(folder, "open.html");
  writeFileSync(file, `<!doctype html><meta http-equiv="refresh" content="0;url=${link}"><title>Plugsmith</title>\n`, {
    mode: 0o600,
  });
  const [command, ...args] = opener;
  const child = spawn(command, [...args, file], { stdio: "ignore", detached: true, env: { ...environment } });
  // The link stands in the terminal as well.
  child.on("error", () => undefined);
  child.unref();
  return { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function openerOf(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): readonly [command: string, ...args: string[]] | undefined {
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  const hasScreen = environment["DISPLAY"] !== undefined || environment["WAYLAND_DISPLAY"] !== undefined;
  return hasScreen ? ["xdg-open"] : undefined;
}
