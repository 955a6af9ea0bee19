/** A process of `refused.test.ts`, run as an ordinary user: prints how each part of core answers a refusal of the system. */
import { join } from "node:path";
import { openAudit } from "../../../core/audit/index.ts";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { holdHome } from "../../../core/platform/home-mutex.ts";
import { openConsentStore } from "../../../core/trust/consent-store.ts";
import { isCodedError } from "../../../schemas/errors.ts";

const [directory = ""] = process.argv.slice(2);
const tree = openDirectoryTree(directory);
const now = (): Date => new Date("2026-03-01T12:00:00Z");
const consent = openConsentStore(join(directory, "consent.json"), now);
const { signal } = new AbortController();
const hold = (file: string): Promise<string> =>
  holdHome(join(directory, file), { deadlineMs: 0, signal })(() => "held");

const attempts: Readonly<Record<string, () => unknown>> = {
  "list closed": () => tree.list("closed"),
  "stat below closed": () => tree.stat("closed/file"),
  "stat in a folder that only lists": () => tree.stat("listed/file"),
  "read unreadable": () => tree.read("unreadable"),
  "open closed below": () => openDirectoryTree(join(directory, "closed/below")),
  "hold in a closed home": () => hold("closed/mutex.sqlite"),
  "hold a new home": () => hold("absent/mutex.sqlite"),
  "hold a home that is read-only": () => hold("mutex.sqlite"),
  "record consent": () => consent.record([{ id: "a@m", version: "1", closure: "c" }]),
  "read consent": () => openConsentStore(join(directory, "unreadable"), now).has("a@m", "c"),
  append: () => openAudit(join(directory, "audit"), now).append({ action: "a", subject: "s", outcome: "done" }),
};

const answers: Record<string, string> = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    answers[name] = `no error: ${String(await attempt())}`;
  } catch (error) {
    answers[name] = isCodedError(error) ? `${error.code} ${error.message.replaceAll(directory, "")}` : String(error);
  }
}
console.log(JSON.stringify(answers));
