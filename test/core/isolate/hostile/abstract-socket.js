import { connect } from "node:net";

/** Speaks to a socket that has no file. */
export function attack({ abstractSocket }) {
  return new Promise((resolve, reject) => {
    const socket = connect(`\0${abstractSocket}`, () => resolve("connected to an abstract socket"));
    socket.once("error", reject);
    socket.once("connect", () => socket.destroy());
  });
}
