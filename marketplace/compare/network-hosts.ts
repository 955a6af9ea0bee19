/** An address in a text: what follows the two slashes up to the end of the host, without a name and password before it. */
const ADDRESS =
  /\b(?:https?|wss?|ftps?|ssh|git|grpcs?|postgres(?:ql)?|mysql|rediss?|mongodb(?:\+srv)?|amqps?):\/\/(?:[^\s/?#@"'`<>]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)/giu;

/** The hosts that a text names in addresses, in lower case. What it makes up while it runs is not seen. */
export function hostsIn(text: string): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const [, host = ""] of text.matchAll(ADDRESS)) {
    const name = host.toLowerCase();
    if (name.includes(".") || name === "localhost") hosts.add(name);
  }
  return hosts;
}
