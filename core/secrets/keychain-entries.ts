import type { AsyncEntry } from "@napi-rs/keyring";
import { CodedError } from "../../schemas/errors.ts";
import { ELSEWHERE } from "./elsewhere.ts";
import type { SecretEntries, SecretOwner } from "./secret-store.ts";

const SERVICE = "plugsmith";

/** How long the system may take, which may have to ask the person for a password. */
const DEADLINE_MS = 120_000;

/**
 * The keychain of the system: Secret Service, macOS Keychain, Windows Credential Manager; never the kernel's keyring, which
 * forgets.
 */
export function keychainEntries(deadlineMs: number = DEADLINE_MS): SecretEntries {
  return {
    read: (owner) => inTime(deadlineMs, openEntry(owner), async (entry) => (await entry.getPassword()) ?? undefined),
    write: (owner, text) => inTime(deadlineMs, openEntry(owner), (entry) => entry.setPassword(text)),
    remove: (owner) => inTime(deadlineMs, openEntry(owner), (entry) => entry.deleteCredential()),
  };
}

/**
 * The password of another program's entry in the keychain of macOS or Windows, as keytar keeps them: there it is UTF-8 under the target
 * `service/account`. Throws `E_KEYCHAIN`.
 */
export function readForeignEntry(service: string, account: string): Promise<string | undefined> {
  if (process.platform !== "win32") {
    const entry = import("@napi-rs/keyring").then(({ AsyncEntry }) => new AsyncEntry(service, account));
    return inTime(DEADLINE_MS, entry, async (one) => (await one.getPassword()) ?? undefined);
  }
  const entry = import("@napi-rs/keyring").then(({ AsyncEntry }) =>
    AsyncEntry.withTarget(`${service}/${account}`, service, account),
  );
  return inTime(DEADLINE_MS, entry, async (one) => {
    const bytes = await one.getSecret();
    return bytes === null ? undefined : Buffer.from(bytes).toString("utf8");
  });
}

async function inTime<Result>(
  deadlineMs: number,
  opened: Promise<AsyncEntry>,
  use: (entry: AsyncEntry) => Promise<Result>,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(noAnswer(deadlineMs)), deadlineMs);
  try {
    return await Promise.race([opened.then(use), late.promise]);
  } catch (error) {
    throw keychainError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The native module is loaded by the first secret. */
async function openEntry({ id, identity }: SecretOwner): Promise<AsyncEntry> {
  const keyring = await import("@napi-rs/keyring");
  return new keyring.AsyncEntry(SERVICE, `${id} ${identity}`, { linux: { store: "secret-service" } });
}

/** What the system answers, by what can be done about it. */
const CAUSES: readonly (readonly [answer: RegExp, problem: string, hint: string])[] = [
  [
    /cannot find (?:module|package|native)/iu,
    "the keychain module of this platform is not installed",
    `install Plugsmith with its optional packages, ${ELSEWHERE}`,
  ],
  [/matched by/iu, "several entries stand for these secrets", `delete those of \`${SERVICE}\` that you did not make`],
  // Windows keeps 2,560 bytes an entry, and an entry is all secrets of one plugin.
  [
    /longer than|too long|platform limit|too large/iu,
    "the secrets of this plugin are too large for the keychain",
    `unset what is not needed, ${ELSEWHERE}`,
  ],
  [/prompt|locked/iu, "the keychain is locked", `unlock it and try again, ${ELSEWHERE}`],
  [
    /no result found/iu,
    "the keychain has no collection to keep secrets in",
    `make a default one (its password may not be empty), ${ELSEWHERE}`,
  ],
  [
    /dbus|not supported|unavailable/iu,
    "there is no keychain: no secret service answers on the session bus",
    `start one, e.g. GNOME Keyring or KWallet, ${ELSEWHERE}`,
  ],
];

function keychainError(cause: unknown): CodedError {
  if (cause instanceof CodedError) return cause;
  const answer = cause instanceof Error ? cause.message : String(cause);
  const [, problem, hint] = CAUSES.find(([pattern]) => pattern.test(answer)) ?? [
    undefined,
    "the keychain refused",
    `look at your keychain, ${ELSEWHERE}`,
  ];
  return new CodedError("E_KEYCHAIN", `${problem} (${answer})`, { hint, cause });
}

function noAnswer(deadlineMs: number): CodedError {
  return new CodedError("E_KEYCHAIN", `the keychain gave no answer in ${deadlineMs} ms`, {
    hint: `it may wait for your password in a window, ${ELSEWHERE}`,
  });
}
