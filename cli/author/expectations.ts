import { listedNameOf } from "../../marketplace/author/routing/skill-names.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { Expectations } from "../../schemas/plugin-tests.ts";
import { literalPattern } from "./literal-pattern.ts";
import type { Mismatch, Observed } from "./outcome.ts";

/** Holds what happened against what was expected of a plugin. */
export function mismatchesOf(expected: Expectations, seen: Observed, manifest: PluginManifest): readonly Mismatch[] {
  const fired = (seen.fired ?? []).map((name) => listedNameOf(manifest, name) ?? name);
  /** A name that is none would be hidden for ever. */
  const skillMismatch = (what: string, skill: string, mismatch: (name: string) => Mismatch | undefined) => {
    const name = listedNameOf(manifest, skill);
    return name === undefined ? { what, expected: skill, got: "the plugin has no skill of that name" } : mismatch(name);
  };
  const found: (Mismatch | undefined)[] = [
    seen.failure === undefined ? undefined : { what: "plugin", expected: "it goes to its end", got: seen.failure },
    ...(expected.fires ?? []).map((skill) =>
      skillMismatch("fires", skill, (name) =>
        fired.includes(name) ? undefined : { what: "fires", expected: skill, got: listed(fired) },
      ),
    ),
    ...(expected.hidden ?? []).map((skill) =>
      skillMismatch("hidden", skill, (name) =>
        fired.includes(name) ? { what: "hidden", expected: `no ${skill}`, got: listed(fired) } : undefined,
      ),
    ),
    ...(expected.unlisted ?? []).map((skill) =>
      skillMismatch("unlisted", skill, (name) =>
        isListed(seen.sent, name)
          ? { what: "unlisted", expected: `the model never hears of ${skill}`, got: "it is listed" }
          : undefined,
      ),
    ),
    ...(expected.calls ?? []).map((name) => calledMismatch(name, "calls", seen, false)),
    ...(expected.denied ?? []).map((name) => calledMismatch(name, "denied", seen, true)),
    equal("decision", expected.decision, seen.decision),
    equal("isError", expected.isError, seen.isError),
    holds("reason", expected.reason, [seen.reason ?? ""]),
    holds("context", expected.context, seen.context),
    holds("result", expected.result, seen.results),
    holds("prompt", expected.prompt, seen.sent),
    holds("reply", expected.reply, [seen.reply ?? ""]),
  ];
  return found.filter((one) => one !== undefined);
}

/** Whether a text holds a pattern: as it stands, or as `/expression/flags`. */
function textHolds(pattern: string, text: string): boolean {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/su.exec(pattern) ?? [];
  return source === undefined ? text.includes(pattern) : new RegExp(source, flags).test(text);
}

/** A listing has a line for each skill: `- name: description`, or the name alone. */
function isListed(sent: readonly string[] = [], name: string): boolean {
  const line = new RegExp(`^- ${literalPattern(name)}(?::|$)`, "mu");
  return sent.some((text) => line.test(text));
}

function calledMismatch(name: string, what: string, { called = [] }: Observed, denied: boolean): Mismatch | undefined {
  if (called.some((one) => nameFits(one.name, name) && one.denied === denied)) return undefined;
  const got = listed(called.map((one) => `${one.name}${one.denied ? " (refused)" : ""}`));
  return { what, expected: denied ? `${name} is refused` : name, got };
}

/** A tool of an MCP server can be written as `server/tool`. */
export function nameFits(name: string, written: string): boolean {
  if (name === written) return true;
  const [server, tool] = written.split("/");
  if (tool === undefined || server === undefined) return false;
  return name === `mcp__${server}__${tool}` || (name.startsWith("mcp__") && name.endsWith(`_${server}__${tool}`));
}

function equal(what: string, expected: unknown, got: unknown): Mismatch | undefined {
  if (expected === undefined || expected === got) return undefined;
  return { what, expected: String(expected), got: got === undefined ? "nothing" : String(got) };
}

function holds(what: string, pattern: string | undefined, texts: readonly string[] = []): Mismatch | undefined {
  if (pattern === undefined || texts.some((text) => textHolds(pattern, text))) return undefined;
  return { what, expected: pattern, got: shortened(texts.filter((text) => text !== "").join("\n")) };
}

function listed(names: readonly string[] = []): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

const MAX_SHOWN = 600;

function shortened(text: string): string {
  if (text === "") return "nothing";
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN).toWellFormed()}…`;
}
