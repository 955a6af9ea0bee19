import { createSocket } from "node:dgram";

/** Carries something away in a datagram; only an answer proves that it arrived. */
export function attack({ datagramPort }) {
  const socket = createSocket("udp4");
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("message", (message) => resolve(message.toString()));
    socket.send("secret", datagramPort, "127.0.0.1", (error) => error && reject(error));
    const silence = Object.assign(new Error("no answer came"), { code: "ETIMEDOUT" });
    setTimeout(() => reject(silence), 1_000);
  }).finally(() => socket.close());
}
