/** Asks the host to start a program for it. */
export async function attack(_world, context) {
  const processes = await context.use({ key: "plugsmith/processes" });
  return processes.start({ command: "/bin/cat", args: ["/etc/passwd"] });
}
