import { temporaryHome, type TemporaryHome } from "./temporary-home.ts";

/** A home whose folder `plugin` is a plugin with these hooks, for `hookHost`. */
export function homeWithHooks(hooks: object, manifest: object = {}): TemporaryHome {
  const home = temporaryHome();
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0", ...manifest }));
  home.write("plugin/hooks/hooks.json", JSON.stringify({ hooks }));
  return home;
}

/** One group whose only hook is a program. */
export function programHook(command: string, more: object = {}, matcher?: string): object {
  return { ...(matcher !== undefined && { matcher }), hooks: [{ type: "command", command, ...more }] };
}

/** A program that prints JSON. */
export function printing(value: object): string {
  return `cat > /dev/null; echo '${JSON.stringify(value)}'`;
}
