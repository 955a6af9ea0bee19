import { connect, createServer } from "node:net";

/** What a client sent over one connection, and how much came back. */
export interface Conversation {
  readonly sent: Buffer[];
  receivedBytes: number;
}

/** Forwards connections to a port; what it recorded can be said again by as many clients as one likes. */
export interface Recorder {
  readonly port: number;
  /** Starts a new recording. */
  readonly record: () => readonly Conversation[];
  readonly close: () => void;
}

/** Listens on a loopback port in front of `targetPort`. */
export async function startRecorder(targetPort: number): Promise<Recorder> {
  let conversations: Conversation[] = [];
  const server = createServer((client) => {
    const conversation: Conversation = { sent: [], receivedBytes: 0 };
    conversations.push(conversation);
    const target = connect(targetPort, "127.0.0.1");
    client.on("data", (chunk: Buffer) => conversation.sent.push(chunk));
    target.on("data", (chunk) => (conversation.receivedBytes += chunk.length));
    client.on("error", () => target.destroy());
    target.on("error", () => client.destroy());
    client.pipe(target).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the recorder has no port");
  return {
    port: address.port,
    record: () => (conversations = []),
    close: () => server.close(),
  };
}

/** Says everything that one client said, over as many connections, to `port`; the milliseconds until all was answered. */
export async function replay(conversations: readonly Conversation[], port: number): Promise<number> {
  const started = performance.now();
  for (const conversation of conversations) await sayAgain(conversation, port);
  return performance.now() - started;
}

async function sayAgain({ sent, receivedBytes }: Conversation, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const socket = connect(port, "127.0.0.1");
  let missing = receivedBytes;
  socket.on("data", (chunk) => {
    missing -= chunk.length;
    if (missing <= 0) socket.destroy();
  });
  socket.on("error", reject);
  socket.on("close", () => (missing <= 0 ? resolve(undefined) : reject(new Error("the mirror said less than before"))));
  // A server answers the requests of one connection in order, so they can be sent at once.
  socket.write(Buffer.concat(sent));
  await promise;
}
