import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startDelayProxy } from "../../bench/delay-proxy.ts";

describe("the delay proxy", () => {
  let server: Server;
  beforeEach(async () => {
    // Chunks of different sizes arrive apart, so that a proxy that reorders them is noticed.
    server = createServer((incoming, response) => {
      incoming.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    server.close();
  });

  it("hands over every byte in order", async () => {
    // A TCP server that listens has an address object.
    const { port } = server.address() as AddressInfo;
    await using proxy = await startDelayProxy(port, 4);
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
    const received = await new Promise<Buffer>((resolve, reject) => {
      const post = request({ port: proxy.port, method: "POST", host: "127.0.0.1", agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks)));
      });
      post.on("error", reject);
      post.end(sent);
    });
    expect(received.equals(sent)).toBe(true);
  });
});
