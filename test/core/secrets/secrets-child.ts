/** A process of the tests about secrets: makes the calls of its argument at once and prints what each came to. */
import { join } from "node:path";
import { SecretOwners } from "../../../core/secrets/secret-owners.ts";
import { openSecrets } from "../../../core/secrets/secrets.ts";
import type { PluginInfo, Secrets } from "../../../plugin-api/index.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import type { Call } from "./keychain.ts";

const owners = new SecretOwners(join(process.env["HOME"] ?? "", "owners"));
const opened = openSecrets({
  settings: { layers: () => [] },
  environment: {},
  identityOf: (plugin) => `example.com/${plugin.split("/")[1] ?? "market"}`,
  audit: { append: () => undefined, heads: () => [] },
  owners,
});

function secretsOf(id: string): Secrets {
  const plugin: PluginInfo = { id, name: id, version: "1", tier: "installed", directory: "", dataDirectory: "" };
  // The service is opened as the host opens it.
  return opened.service.open(plugin, undefined) as Secrets;
}

async function made([action, plugin, name, value = ""]: Call): Promise<unknown> {
  switch (action) {
    case "get":
      return (await secretsOf(plugin).get(name)) ?? null;
    case "set":
      return (await secretsOf(plugin).set(name, value)) ?? "done";
    case "delete":
      return secretsOf(plugin).delete(name);
    case "option":
      return (await secretsOf(plugin).option(plugin, name)) ?? null;
    case "setOption":
      return (await opened.setOption(plugin, name, value)) ?? "done";
    case "forget":
      return opened.forget(plugin);
    case "owners":
      return owners.list();
  }
}

// The tests pass a list of calls.
const calls = JSON.parse(process.argv[2] ?? "[]") as readonly Call[];
const answers = await Promise.all(
  calls.map((call) =>
    made(call).catch((error: unknown) => {
      if (!isCodedError(error)) throw error;
      return { code: error.code, message: error.message, hint: error.hint };
    }),
  ),
);
console.log(JSON.stringify(answers));
