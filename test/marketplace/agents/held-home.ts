import { chmodSync } from "node:fs";
import { compose, type Engine } from "../../../cli/compose.ts";
import type { Machine } from "../../../marketplace/agents/target.ts";
import { type Home, homeAt } from "../../../marketplace/home.ts";
import { taggedMarket } from "../../support/tagged-market.ts";
import { type TemporaryHome, temporaryHome } from "../../support/temporary-home.ts";
import type { FixturePlugin } from "../../support/plugin-files.ts";

/** A person's home with what other agents wrote into it, and an engine over an empty Plugsmith home. */
export interface HeldHome extends AsyncDisposable {
  readonly files: TemporaryHome;
  readonly machine: Machine;
  readonly home: Home;
  /** Publishes a git marketplace and returns its address. */
  readonly market: (name: string, plugins: Readonly<Record<string, FixturePlugin>>) => string;
  /** Writes a file below the person's home, an object as JSON. */
  readonly write: (path: string, content: unknown) => string;
  readonly engine: () => Promise<Engine>;
}

/** Makes the home of a person who says yes. `programs` are put on the search path; they cannot be started. */
export function heldHome(programs: readonly string[] = []): HeldHome {
  const files = temporaryHome();
  for (const name of programs) chmodSync(files.write(`bin/${name}`, "#!/bin/false\n"), 0o755);
  const home = homeAt(files.path("plugsmith"));
  const environment = { PATH: `${files.path("bin")}:${process.env["PATH"] ?? ""}`, HOME: files.path("person") };
  const machine: Machine = { environment, homeDirectory: files.path("person") };
  let engine: Promise<Engine> | undefined;
  return {
    files,
    machine,
    home,
    market(name, plugins) {
      const market = taggedMarket(name, files.path("markets", name));
      market.release(plugins);
      return market.url;
    },
    write: (path, content) =>
      files.write(`person/${path}`, typeof content === "string" ? content : JSON.stringify(content, undefined, 2)),
    engine: () =>
      (engine ??= compose({
        home,
        environment,
        offline: false,
        signal: new AbortController().signal,
        progress: () => undefined,
        remark: () => undefined,
        now: () => new Date("2026-01-01T00:00:00Z"),
        person: {
          interactive: true,
          accepted: [],
          command: "",
          detail: "short",
          show: () => undefined,
          ask: () => Promise.resolve(true),
        },
      })),
    async [Symbol.asyncDispose]() {
      await (await engine)?.close();
      files[Symbol.dispose]();
    },
  };
}

/** The names of the ten plugins of the prepared home of Claude Code, with the version that is installed there. */
export const TEN: Readonly<Record<string, string>> = Object.fromEntries(
  ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"].map((name, at) => [
    name,
    `1.${String(at)}.0`,
  ]),
);

/** Prepares a home of Claude Code with ten plugins of two git marketplaces; `theta` is off, of `kappa` there is a newer release. */
export function tenPlugins(world: HeldHome): void {
  const names = Object.keys(TEN);
  const plugin = (name: string): readonly [string, FixturePlugin] => [name, { version: TEN[name] ?? "" }];
  const marketOf = (name: string): string => (names.indexOf(name) < 6 ? "first" : "second");
  const first = taggedMarket("first", world.files.path("markets", "first"));
  first.release(Object.fromEntries(names.slice(0, 6).map(plugin)));
  const second = taggedMarket("second", world.files.path("markets", "second"));
  second.release(Object.fromEntries(names.slice(6).map(plugin)));
  second.release({ ...Object.fromEntries(names.slice(6).map(plugin)), kappa: { version: "2.0.0" } });
  const markets = { first: first.url, second: second.url };
  world.write(
    ".claude/plugins/known_marketplaces.json",
    Object.fromEntries(Object.entries(markets).map(([name, url]) => [name, { source: { source: "git", url } }])),
  );
  world.write(".claude/plugins/installed_plugins.json", {
    version: 2,
    plugins: Object.fromEntries(
      names.map((name) => [
        `${name}@${marketOf(name)}`,
        [{ scope: "user", installPath: world.files.path("cache", name), version: TEN[name] }],
      ]),
    ),
  });
  world.write(".claude/settings.json", {
    enabledPlugins: Object.fromEntries(names.map((name) => [`${name}@${marketOf(name)}`, name !== "theta"])),
  });
}
