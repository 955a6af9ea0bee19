import { connect } from "node:net";

/** Speaks to the session bus itself. */
export function attack({ busSocket }) {
  return new Promise((resolve, reject) => {
    const socket = connect(busSocket, () => resolve("connected to the session bus"));
    socket.once("error", reject);
    socket.once("connect", () => socket.destroy());
  });
}
