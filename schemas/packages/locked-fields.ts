import valid from "semver/functions/valid.js";
import type { CodedError } from "../errors.ts";
import { isLoopback } from "../loopback.ts";
import { quotedName } from "./quoted-name.ts";
import { packageProblem, parsePackageSpec } from "../npm-package.ts";
import { isRecord } from "../record.ts";
import { parseTreePath } from "../tree-path.ts";
import { lockProblem, type LockDocument } from "./lock-problem.ts";

/** More packages than this are no plugin's own. */
const MAX_PACKAGES = 5_000;
const STRONG = /^sha(?:256|384|512)-[A-Za-z0-9+/]{40,}={0,2}$/;

/** Reads the fields that the lock files of both package managers have, one entry at a time; every refusal is located. */
export class LockedFields {
  readonly #document: LockDocument;
  readonly #path: readonly (string | number)[];
  readonly #label: string;

  /** `label` names the entry in messages. */
  constructor(document: LockDocument, path: readonly (string | number)[], label: string) {
    this.#document = document;
    this.#path = path;
    this.#label = quotedName(label);
  }

  /** The refusal of the entry; `why` follows its name. */
  fail(why: string, hint: string): CodedError {
    return lockProblem(this.#document, this.#path, `the package ${this.#label} ${why}`, hint);
  }

  /** A name of the registry. */
  name(value: string): string {
    if (packageProblem({ name: value }) === undefined) return value;
    throw this.fail("has a name that no registry takes", "lock packages of a registry only");
  }

  /** A version of the registry: one that is no address of a folder, repository or file. */
  version(value: unknown): string {
    if (typeof value === "string" && value.length <= 256 && valid(value) !== null) return value;
    throw this.fail("is not a version of a registry", "use a release from a registry: no folder, repository or file");
  }

  /** The tarball's address; plain http is for this machine only. */
  resolved(value: unknown): string | undefined {
    if (value === undefined || value === "") return undefined;
    const url = typeof value === "string" && value.length <= 2_048 ? URL.parse(value) : null;
    const isFine = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
    if (!isFine) throw this.fail("does not come from a registry over https", "lock packages of a registry only");
    if (url.username !== "" || url.password !== "" || url.hash !== "")
      throw this.fail("has an address with credentials or a fragment", "take them out and lock it again");
    return url.href;
  }

  /** Its digests; those that can be forged are left out, and refused when there is no other. */
  integrity(value: unknown): string {
    const all = typeof value === "string" ? value.split(/\s+/).filter((digest) => digest !== "") : [];
    const strong = all.filter((digest) => STRONG.test(digest));
    if (strong.length > 0) return strong.join(" ");
    const hint = "lock it again with a current npm or bun, which writes sha512";
    throw this.fail(all.length === 0 ? "has no `integrity`" : "has no `integrity` stronger than SHA-1", hint);
  }

  /** What other packages it asks for, which must come from a registry too. */
  requirements(value: unknown): Readonly<Record<string, string>> {
    const read = textMap(value);
    if (read === undefined) throw this.fail("has requirements that are no texts", "lock it again");
    for (const [name, range] of Object.entries(read)) {
      if (requirementProblem(name, range) !== undefined)
        throw this.fail(
          `needs ${quotedName(`${name}@${range}`)}, which is not from a registry`,
          "folders, repositories and files are not followed",
        );
    }
    return read;
  }

  /** A list of platforms, which may be one text. */
  platforms(value: unknown): readonly string[] {
    const list = value === undefined ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value];
    const texts = list.filter((one) => typeof one === "string");
    if (texts.length === list.length && list.length <= 100) return texts;
    throw this.fail("has a platform that is no text", "lock it again");
  }

  /** Its commands; a single file is the command of the package's own name. */
  bin(value: unknown, name: string): Readonly<Record<string, string>> {
    if (value === undefined) return {};
    const own = name.slice(name.indexOf("/") + 1);
    const commands = typeof value === "string" ? { [own]: value } : textMap(value);
    if (commands === undefined) throw this.fail("has commands that are no files", "lock it again");
    return Object.fromEntries(
      Object.entries(commands).map(([command, file]) => {
        const parsed = parseTreePath(file);
        if (!/^[A-Za-z0-9][\w.@+-]{0,99}$/.test(command) || !("path" in parsed) || parsed.path === "")
          throw this.fail(`has the command ${quotedName(command)} outside its folder`, "lock it again");
        return [command, parsed.path];
      }),
    );
  }
}

/** Refuses a lock of more packages than any plugin has. */
export function checkCount(document: LockDocument, count: number): void {
  if (count <= MAX_PACKAGES) return;
  throw lockProblem(
    document,
    ["packages"],
    `\`${document.file}\` locks ${count} packages, more than ${MAX_PACKAGES}`,
    "leave out what the plugin does not need",
  );
}

/** An object of texts, an absent one as empty; `undefined` for anything else. */
export function textMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return {};
  if (!isRecord(value)) return undefined;
  const texts = Object.entries(value).flatMap(([key, text]) =>
    typeof text === "string" ? [[key, text] as const] : [],
  );
  return texts.length === Object.keys(value).length ? Object.fromEntries(texts) : undefined;
}

/** Why a requirement is not for a registry: a version, range, tag, or one of those under another name (`npm:`). */
export function requirementProblem(name: string, range: string): string | undefined {
  if (range.startsWith("npm:")) return packageProblem(parsePackageSpec(range.slice("npm:".length)));
  return packageProblem({ name, ...(range === "" ? {} : { version: range }) });
}
