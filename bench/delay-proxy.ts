import { connect, createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers";

/** A running proxy; close it when done. */
export interface DelayProxy extends AsyncDisposable {
  readonly port: number;
}

/** Forwards bytes in order, each chunk `delayMs` after it arrived. */
function forwardLate(from: Socket, to: Socket, delayMs: number): void {
  from.on("data", (chunk) => setTimeout(() => to.write(chunk), delayMs));
  from.on("end", () => setTimeout(() => to.end(), delayMs));
  from.on("error", () => to.destroy());
}

/** Listens on a loopback port and adds a round-trip time to everything sent to `targetPort`, connecting included. */
export async function startDelayProxy(targetPort: number, roundTripMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    client.pause();
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    // The client's own connection is instant: the handshake's round trip is paid here.
    setTimeout(() => {
      const target = connect(targetPort, "127.0.0.1");
      sockets.add(target);
      target.on("close", () => sockets.delete(target));
      forwardLate(client, target, roundTripMs / 2);
      forwardLate(target, client, roundTripMs / 2);
      client.resume();
    }, roundTripMs);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.on("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address === "object") resolve(address.port);
  });
  return {
    port: await promise,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}
