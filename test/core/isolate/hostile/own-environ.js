/** Looks for the person's variables in its own environment. */
export function attack({ secret }) {
  const found = Object.entries(process.env).find(([, value]) => value.includes(secret));
  if (found === undefined) throw Object.assign(new Error("no variable"), { code: "ABSENT" });
  return found.join("=");
}
