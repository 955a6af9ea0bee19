/** A process of the tests about secrets: makes the calls of the file that it is given and prints what each came to. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keytarPassword } from "../../../core/secrets/keytar-password.ts";
import { SecretOwners } from "../../../core/secrets/secret-owners.ts";
import { openSecrets, type OpenSecrets } from "../../../core/secrets/secrets.ts";
import type { PluginInfo, Secrets } from "../../../plugin-api/index.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import type { Batch, Call } from "./keychain.ts";

const home = process.env["HOME"] ?? "";
const owners = new SecretOwners(join(home, "owners"));

function opened(): OpenSecrets {
  return openSecrets({
    settings: { layers: () => [] },
    environment: {},
    directory: join(home, "encrypted"),
    identityOf: (plugin) => `example.com/${plugin.split("/")[1] ?? "market"}`,
    audit: { append: () => undefined, heads: () => [] },
    owners,
  });
}

function secretsOf(secrets: OpenSecrets, id: string): Secrets {
  const plugin: PluginInfo = { id, name: id, version: "1", tier: "installed", directory: "", dataDirectory: "" };
  // The service is opened as the host opens it.
  return secrets.service.open(plugin, undefined) as Secrets;
}

async function made(secrets: OpenSecrets, [action, plugin, name = "", value = ""]: Call): Promise<unknown> {
  switch (action) {
    case "get":
      return (await secretsOf(secrets, plugin).get(name)) ?? null;
    case "set":
      return (await secretsOf(secrets, plugin).set(name, value)) ?? "done";
    case "delete":
      return secretsOf(secrets, plugin).delete(name);
    case "option":
      return (await secretsOf(secrets, plugin).option(plugin, name)) ?? null;
    case "setOption":
      return (await secrets.setOption(plugin, name, value)) ?? "done";
    case "forget":
      return secrets.forget(plugin);
    case "owners":
      return owners.list().filter(({ id }) => id.startsWith(plugin));
    case "keytar":
      return keytarPassword(plugin, process.env);
    case "shell":
      return spawnSync("sh", ["-c", plugin], { encoding: "utf8" }).stdout;
  }
}

// The tests write a list of batches.
const batches = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as readonly Batch[];
const answers: unknown[] = [];
for (const batch of batches) {
  const secrets = opened();
  const calls = batch.map((call) =>
    made(secrets, call).catch((error: unknown) => {
      if (!isCodedError(error)) throw error;
      return { code: error.code, message: error.message, hint: error.hint };
    }),
  );
  answers.push(await Promise.all(calls));
}
console.log(JSON.stringify(answers));
