import { spawn } from "node:child_process";

/** Opens a link in the person's browser, where there is one to be seen; whether it worked is not known. */
export function openBrowser(link: string, environment: Readonly<Record<string, string | undefined>>): void {
  const opener = openerOf(process.platform, environment);
  if (opener === undefined) return;
  const [command, ...args] = opener;
  const child = spawn(command, [...args, link], { stdio: "ignore", detached: true, env: { ...environment } });
  // The link stands in the terminal as well.
  child.on("error", () => undefined);
  child.unref();
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
