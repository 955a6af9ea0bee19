import { open, Session, url } from "node:inspector";

/** Opens its own inspector to leave the permissions. */
export function attack() {
  const session = new Session();
  session.connect();
  open(0, "127.0.0.1");
  return `inspector at ${url()}`;
}
