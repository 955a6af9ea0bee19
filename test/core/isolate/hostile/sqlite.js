/** Lets SQLite, which asks nobody, make a file outside. */
export async function attack({ outside }) {
  const { DatabaseSync } = await import("node:sqlite");
  new DatabaseSync(`${outside}/made.db`).exec("create table t (x)");
  return "made a database outside";
}
