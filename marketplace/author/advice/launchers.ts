import valid from "semver/functions/valid.js";
import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import type { Contribution, Provenance } from "../../../schemas/plugin-manifest.ts";
import { advice, type AdviceSubject } from "./subject.ts";

/** Advice about programs that download what they start, without saying which version: each start may run other code. */
export function launcherAdvice({ manifest }: AdviceSubject): readonly Diagnostic[] {
  return manifest.contributions.flatMap((contribution) => {
    const started = startedBy(contribution);
    if (started === undefined) return [];
    return unpinned(started.words).map((name) => {
      const message = `${started.what} starts whatever is the newest \`${name}\``;
      return advice(
        "A_LAUNCHER_UNPINNED",
        message,
        started.where,
        `name an exact version, such as \`${exampleOf(started.words, name)}\``,
      );
    });
  });
}

interface Started {
  readonly what: string;
  readonly words: readonly string[];
  readonly where: Provenance;
}

function startedBy(contribution: Contribution): Started | undefined {
  switch (contribution.kind) {
    case "mcp": {
      const { config, name, where } = contribution;
      if (config.transport !== "stdio") return undefined;
      return { what: `MCP server \`${name}\``, words: [config.command, ...config.args], where };
    }
    case "lsp":
      return {
        what: `language server \`${contribution.name}\``,
        words: [contribution.command, ...contribution.args],
        where: contribution.where,
      };
    case "hook": {
      const { handler, event, where } = contribution;
      if (handler.type !== "command") return undefined;
      const words =
        handler.args === undefined ? handler.command.trim().split(/\s+/u) : [handler.command, ...handler.args];
      return { what: `a hook on \`${event}\``, words, where };
    }
    case "monitor":
      return {
        what: `monitor \`${contribution.name}\``,
        words: contribution.command.trim().split(/\s+/u),
        where: contribution.where,
      };
    default:
      return undefined;
  }
}

/** How a launcher names what it downloads. */
interface Launcher {
  /** The words that start it. */
  readonly words: readonly string[];
  /** Flags whose value is a package, instead of the first word. */
  readonly packageFlags: readonly string[];
  /** Flags with a value of another kind, each as its own word; `undefined`: every flag that is none of `switches` has one. */
  readonly valueFlags?: readonly string[];
  readonly switches?: readonly string[];
  readonly isPinned: (name: string) => boolean;
  readonly example: (name: string) => string;
}

const LOCAL = /^(?:[./~]|\$|[A-Za-z]:[\\/]|file:)/u;

function isPinnedPackage(name: string): boolean {
  if (/^(?:git\+|github:|https?:)/u.test(name)) return /#(?:.*:)?[0-9a-f]{40}$|\.tgz$/u.test(name);
  const at = name.indexOf("@", 1);
  return at > 0 && valid(name.slice(at + 1)) !== null;
}

function isPinnedPython(name: string): boolean {
  if (name.startsWith("git+")) return /@[0-9a-f]{40}(?:#|$)/u.test(name);
  return /(?:==|@)\d/u.test(name);
}

function isPinnedImage(name: string): boolean {
  if (name.includes("@sha256:")) return true;
  const tag = /:([^/:]+)$/u.exec(name)?.[1];
  return tag !== undefined && tag !== "latest";
}

const NODE = {
  packageFlags: ["-p", "--package"],
  isPinned: isPinnedPackage,
  example: (name: string) => `${bare(name)}@1.2.3`,
};
const PYTHON = {
  packageFlags: ["--from", "--spec"],
  valueFlags: ["--python", "-p", "--index-url", "--with", "--env-file"],
  isPinned: isPinnedPython,
  example: (name: string) =>
    name.startsWith("git+") ? `${name}@<commit>` : `${name.replace(/[@=<>~!].*$/u, "")}==1.2.3`,
};
const CONTAINER = {
  packageFlags: [],
  switches: ["-i", "-t", "-it", "-ti", "-d", "--rm", "--init", "--interactive", "--tty", "--privileged", "--read-only"],
  isPinned: isPinnedImage,
  example: (name: string) => `${name.replace(/:[^/:]+$/u, "")}:1.2.3`,
};

const LAUNCHERS: readonly Launcher[] = [
  ...["npx", "bunx", "bun x", "pnpx", "pnpm dlx", "yarn dlx", "npm exec"].map((words) => ({
    words: words.split(" "),
    ...NODE,
  })),
  ...["uvx", "uv tool run", "pipx run"].map((words) => ({ words: words.split(" "), ...PYTHON })),
  ...["docker run", "podman run"].map((words) => ({ words: words.split(" "), ...CONTAINER })),
];

function launcherOf(words: readonly string[]): Launcher | undefined {
  return LAUNCHERS.find((launcher) =>
    launcher.words.every((word, at) => words[at]?.replace(/\.(?:cmd|exe)$/u, "") === word),
  );
}

/** What a command line downloads without an exact version. */
function unpinned(words: readonly string[]): readonly string[] {
  const launcher = launcherOf(words);
  if (launcher === undefined) return [];
  return packagesOf(words.slice(launcher.words.length), launcher).filter(
    (name) => !LOCAL.test(name) && !name.includes("${") && !launcher.isPinned(name),
  );
}

function packagesOf(
  words: readonly string[],
  { packageFlags, valueFlags = [], switches }: Launcher,
): readonly string[] {
  const named: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-") || word === "--") {
      const first = word === "--" ? words[at + 1] : word;
      return named.length > 0 || first === undefined ? named : [first];
    }
    const [flag = "", value] = word.split("=", 2);
    const takesNext = packageFlags.includes(flag) || valueFlags.includes(flag) || switches?.includes(flag) === false;
    if (packageFlags.includes(flag)) named.push(value ?? words[at + 1] ?? "");
    if (takesNext && value === undefined) at += 1;
  }
  return named;
}

function exampleOf(words: readonly string[], name: string): string {
  return launcherOf(words)?.example(name) ?? name;
}

/** A package name without what stands behind its `@`. */
function bare(name: string): string {
  const at = name.indexOf("@", 1);
  return at < 0 ? name : name.slice(0, at);
}
