import { spawn, type ChildProcess } from "node:child_process";
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createRequire } from "node:module";
import { createServer, type AddressInfo, type Server } from "node:net";
import { dirname, join } from "node:path";
import { temporaryHome, type TemporaryHome } from "./temporary-home.ts";

/** What a hostile plugin goes for. */
export interface Targets {
  readonly [name: string]: string | number;
  readonly secret: string;
  readonly secretFile: string;
  readonly outside: string;
}

/** A machine full of things that no plugin may touch, as far as a test can make one. */
export interface HostileWorld extends AsyncDisposable {
  readonly home: TemporaryHome;
  readonly targets: Targets;
  readonly environment: Readonly<Record<string, string>>;
  /** A folder that can be granted; it holds a link that leads out. */
  readonly granted: string;
  readonly writable: string;
  /** A descriptor of the secret file. */
  readonly descriptor: number;
  /** Connections to the session bus so far. */
  busConnections(): number;
  /** What happened to the processes that stand for the host. */
  victims(): { readonly inspected: boolean; readonly killed: boolean };
  /** Files that appeared outside. */
  planted(): readonly string[];
  /** New victims, and nothing planted, for the next round. */
  renew(): Promise<void>;
}

const SECRET = "the-secret-of-the-person";
const OUTSIDE = ["module.mjs", "secret"];

/** Starts servers and processes; dispose ends them. */
export async function hostileWorld(): Promise<HostileWorld> {
  const home = temporaryHome();
  const secretFile = home.write("outside/secret", SECRET);
  home.write("outside/module.mjs", `export const value = ${JSON.stringify(SECRET)};`);
  home.write("home/data/other-test/secret", SECRET);
  mkdirSync(home.path("granted"));
  mkdirSync(home.path("writable"));
  symlinkSync(secretFile, home.path("granted/link"));
  const descriptor = openSync(secretFile, "r");
  let connections = 0;
  const bus = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined).destroy();
  });
  const abstractSocket = `plugsmith-test-${String(process.pid)}-${String(Date.now())}`;
  const abstract = createServer((socket) => void socket.destroy());
  const http = createHttpServer((_request, response) => void response.end(SECRET));
  const datagram = createSocket("udp4");
  datagram.on("message", (_message, { port, address }) => datagram.send(SECRET, port, address));
  const busSocket = home.path("bus");
  await Promise.all([
    listening(bus.listen(busSocket)),
    listening(abstract.listen(`\0${abstractSocket}`)),
    listening(http.listen(0, "127.0.0.1")),
    listening(datagram.bind(0, "127.0.0.1")),
  ]);
  const planted = () => readdirSync(home.path("outside")).filter((name) => !OUTSIDE.includes(name));
  let [first, second] = await Promise.all([victim(), victim()]);
  return {
    home,
    granted: home.path("granted"),
    writable: home.path("writable"),
    descriptor,
    environment: {
      HOST_SECRET: SECRET,
      NODE_OPTIONS: `--allow-fs-read=* --title=${SECRET}`,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${busSocket}`,
      PATH: process.env["PATH"] ?? "",
      LANG: "C.UTF-8",
    },
    get targets() {
      return {
        secret: SECRET,
        secretFile,
        outside: home.path("outside"),
        otherData: home.path("home/data/other-test/secret"),
        link: home.path("granted/link"),
        busSocket,
        busAddress: `unix:path=${busSocket}`,
        abstractSocket,
        port: (http.address() as AddressInfo).port,
        datagramPort: datagram.address().port,
        victimPid: first.child.pid ?? 0,
        otherVictimPid: second.child.pid ?? 0,
      };
    },
    busConnections: () => connections,
    victims: () => ({ inspected: first.said().includes("Debugger"), killed: second.child.signalCode !== null }),
    planted,
    async renew() {
      for (const name of planted()) rmSync(home.path("outside", name), { recursive: true });
      for (const { child } of [first, second]) child.kill("SIGKILL");
      [first, second] = await Promise.all([victim(), victim()]);
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of [first, second]) child.kill("SIGKILL");
      closeSync(descriptor);
      http.closeAllConnections();
      for (const server of [bus, abstract, http, datagram]) server.close();
      home[Symbol.dispose]();
    },
  };
}

/** Machine code that a Node loads: it comes with a dependency. */
export function someAddon(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("@napi-rs/keyring"));
  const platform = readdirSync(join(folder, "..")).find((name) => name.startsWith("keyring-"));
  const addon = readdirSync(join(folder, "..", platform ?? "")).find((name) => name.endsWith(".node"));
  if (platform === undefined || addon === undefined) throw new Error("no addon is installed");
  return join(folder, "..", platform, addon);
}

interface Victim {
  readonly child: ChildProcess;
  readonly said: () => string;
}

/** A process that knows nothing of guards. */
async function victim(): Promise<Victim> {
  // Port 0: several may be open at once.
  const child = spawn(process.execPath, ["--inspect-port=0", "-e", "setInterval(() => {}, 1e6); console.log('up')"], {
    env: { HOST_SECRET: SECRET },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child.stdout, "data");
  return { child, said: () => said };
}

async function listening(server: Server | DatagramSocket): Promise<void> {
  await once(server, "listening");
}
