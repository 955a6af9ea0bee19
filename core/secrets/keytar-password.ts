import { CodedError } from "../../schemas/errors.ts";
import { escapeControl } from "../../schemas/names.ts";
import { readForeignEntry } from "./keychain-entries.ts";
import { runSecretProcess } from "./secret-process.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The password that a program stored with keytar, by the name that keytar shows for it: `SERVICE/ACCOUNT`. Both may hold a `/`; the
 * entry decides. Throws `E_USAGE` for a name without two parts, `E_NOT_FOUND` when there is no such entry, `E_KEYCHAIN`.
 */
export async function keytarPassword(name: string, environment: Environment): Promise<string> {
  const pairs = pairsOf(name);
  if (pairs.length === 0) {
    throw new CodedError("E_USAGE", `\`${escapeControl(name)}\` is not the name of an entry of keytar`, {
      hint: "`--from-keytar SERVICE/ACCOUNT` names what the program gave keytar, e.g. `my-editor/me@example.com`",
    });
  }
  for (const [service, account] of pairs) {
    const password = await (process.platform === "linux"
      ? secretServicePassword(service, account, environment)
      : readForeignEntry(service, account));
    if (password !== undefined) return password;
  }
  throw new CodedError(
    "E_NOT_FOUND",
    `the keychain has no entry \`${escapeControl(name)}\` that keytar could have made`,
    {
      hint: "look for its service and account in your keychain, on Linux with `secret-tool search --all service SERVICE`",
    },
  );
}

/** Accounts with a `/` are rarer than services, which may be addresses. */
function pairsOf(name: string): readonly (readonly [service: string, account: string])[] {
  const slashes = [...name.matchAll(/\//gu)].map(({ index }) => index).reverse();
  return slashes
    .map((at) => [name.slice(0, at), name.slice(at + 1)] as const)
    .filter(([service, account]) => service !== "" && account !== "");
}

/**
 * In the Secret Service keytar's entries have the attributes `service` and `account`, by which `@napi-rs/keyring` cannot search; the
 * program of libsecret can (decision 0044).
 */
async function secretServicePassword(
  service: string,
  account: string,
  environment: Environment,
): Promise<string | undefined> {
  const attributes = ["service", service, "account", account];
  const run = (verb: string) => runSecretProcess("secret-tool", [verb, ...attributes], environment);
  const found = await run("lookup");
  if (found.code === 0) return found.output;
  if (found.code === null) throw refused(found.problem);
  if (found.complaint.trim() !== "") throw refused(`failed: ${lastLine(found.complaint)}`);
  // It says the same of an entry that is absent and of one that stays locked; a search names both.
  const seen = await run("search");
  if (seen.code === 0 && seen.output === "") return undefined;
  throw new CodedError("E_KEYCHAIN", `the keychain with \`${escapeControl(`${service}/${account}`)}\` is locked`, {
    hint: "unlock it and try again",
  });
}

function refused(problem: string): CodedError {
  return new CodedError("E_KEYCHAIN", `\`secret-tool\`, which reads entries of keytar, ${problem}`, {
    hint: problem.includes("ENOENT")
      ? "install it: Debian and Ubuntu have it in `libsecret-tools`, others in `libsecret`"
      : "run a secret service on the session bus, e.g. GNOME Keyring or KWallet, or give the value with `--stdin`",
  });
}

function lastLine(text: string): string {
  return escapeControl(text.trim().split("\n").at(-1) ?? "").slice(0, 300);
}
