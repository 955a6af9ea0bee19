import type { AsyncEntry } from "@napi-rs/keyring";
import { CodedError } from "../../schemas/errors.ts";
import { NO_SECRETS, parseSecrets, renderSecrets, withSecret, type SecretMap } from "./secret-map.ts";
import type { SecretKind, SecretOwner, SecretStore } from "./secret-store.ts";

const SERVICE = "plugsmith";

/** How long the system may take, which may have to ask the person for a password. */
const DEADLINE_MS = 120_000;

/**
 * The keychain of the system: Secret Service, macOS Keychain, Windows Credential Manager; never the kernel's keyring, which
 * forgets. One entry an owner; calls go one after the other, because parallel ones gain nothing and a change reads first.
 */
export class KeychainStore implements SecretStore {
  readonly #deadlineMs: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deadlineMs: number = DEADLINE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  get(owner: SecretOwner, kind: SecretKind, name: string): Promise<string | undefined> {
    return this.#queued(owner, async (entry) => (await read(entry, owner))[kind].get(name));
  }

  set(owner: SecretOwner, kind: SecretKind, name: string, value: string): Promise<void> {
    return this.#queued(owner, async (entry) => {
      const map = await read(entry, owner);
      await entry.setPassword(renderSecrets(withSecret(map, kind, name, value)));
    });
  }

  delete(owner: SecretOwner, kind: SecretKind, name: string): Promise<boolean> {
    return this.#queued(owner, async (entry) => {
      const before = await read(entry, owner);
      if (!before[kind].has(name)) return false;
      const after = withSecret(before, kind, name, undefined);
      if (after.own.size + after.option.size === 0) await entry.deleteCredential();
      else await entry.setPassword(renderSecrets(after));
      return true;
    });
  }

  forget(owner: SecretOwner): Promise<boolean> {
    return this.#queued(owner, (entry) => entry.deleteCredential());
  }

  #queued<Result>(owner: SecretOwner, use: (entry: AsyncEntry) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => this.#inTime(owner, use));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #inTime<Result>(owner: SecretOwner, use: (entry: AsyncEntry) => Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(noAnswer(this.#deadlineMs)), this.#deadlineMs);
    try {
      return await Promise.race([openEntry(owner).then(use), late.promise]);
    } catch (error) {
      throw keychainError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The native module is loaded by the first secret. */
async function openEntry({ id, identity }: SecretOwner): Promise<AsyncEntry> {
  const keyring = await import("@napi-rs/keyring");
  return new keyring.AsyncEntry(SERVICE, `${id} ${identity}`, { linux: { store: "secret-service" } });
}

async function read(entry: AsyncEntry, owner: SecretOwner): Promise<SecretMap> {
  const text = await entry.getPassword();
  return text === null ? NO_SECRETS : parseSecrets(text, owner);
}

const ELSEWHERE = 'or choose where secrets lie: `"secrets": {"backend": "environment"}` or `"memory"` in your settings';

/** What the system answers, by what can be done about it. */
const CAUSES: readonly (readonly [answer: RegExp, problem: string, hint: string])[] = [
  [
    /cannot find (?:module|package|native)/iu,
    "the keychain module of this platform is not installed",
    `install Plugsmith with its optional packages, ${ELSEWHERE}`,
  ],
  [/matched by/iu, "several entries stand for these secrets", `delete those of \`${SERVICE}\` that you did not make`],
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
