/** Asks the host for secrets of another plugin. */
export async function attack(_world, context) {
  const secrets = await context.use({ key: "plugsmith/secrets" });
  return secrets.option("other@test", "token");
}
