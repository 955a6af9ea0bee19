/** Ends the host. */
export function attack({ otherVictimPid }) {
  process.kill(otherVictimPid, "SIGKILL");
  return "killed a process of the person";
}
