/** Makes the host open its inspector. */
export function attack({ victimPid }) {
  process.kill(victimPid, "SIGUSR1");
  return "sent SIGUSR1 to the host";
}
