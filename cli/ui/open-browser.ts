import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
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

/** How a person reaches the server from elsewhere, where no browser can be opened here; nothing where one can. */
export function reachHints(port: number, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (openerOf(process.platform, environment) !== undefined) return [];
  const forward = `ssh -L ${String(port)}:127.0.0.1:${String(port)} ${hostname()}`;
  return [
    "  hint: there is no screen here to open a browser on; from the machine with the browser, forward the port with",
    `        \`${forward}\` and open the link there`,
  ];
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
