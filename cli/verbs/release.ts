import { basename, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import { authorPlugins, CATALOG } from "../../marketplace/author/release/author-plugins.ts";
import { makeRelease } from "../../marketplace/author/release/make-release.ts";
import { proposals, type Proposal, type Proposals } from "../../marketplace/author/release/proposal.ts";
import { lockRelease } from "../../marketplace/author/release/release-lock.ts";
import { obstacles, repositoryAround, type Obstacle } from "../../marketplace/author/release/repository-state.ts";
import type { WorkTree } from "../../marketplace/author/work-tree.ts";
import { RELEASE_WORKFLOW, releaseWorkflow } from "../../marketplace/author/workflow.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { Interruption } from "../interruption.ts";
import { counted } from "../print/amount.ts";
import { bold, dim, green, yellow } from "../print/style.ts";
import { NpmRelease } from "../npm-release.ts";
import { requireTrust } from "../required-trust.ts";
import type { Verb, VerbResult } from "../verb.ts";
import { VERSION } from "../version.ts";

/** `plugin release`. */
export const verb: Verb = {
  name: "release",
  summary: "tag what changed with its next version",
  positionals: [{ name: "plugin", variadic: true }],
  flags: [
    { name: "changed", summary: "every plugin of the marketplace that changed since its last release" },
    { name: "npm", summary: "publish to a registry too, before each tag" },
    { name: "registry", value: "url", summary: "the registry for `--npm`" },
    { name: "trust-workspace", summary: "trust the repository for this run" },
    { name: "github", summary: "print a GitHub workflow that makes a page of every release tag" },
  ],
  about: [
    "Compares each plugin with its newest tag `<name>--v<version>` and proposes the next version: major when something is gone, minor when something is new that is used, runs or may do more, else patch. A version that you have raised further yourself stands.",
    "Then it writes versions and a section of the changelog, commits, and tags; tags are signed when your git signs. Nothing is pushed.",
  ],
  examples: [
    "plugin release",
    "plugin release --changed --dry-run",
    "plugin release my-plugin --npm",
    "plugin release --github",
  ],
  run: async (context, args) => released(context, args),
};

async function released(context: VerbContext, args: ParsedArguments): Promise<VerbResult> {
  const repository = repositoryAround(context.cwd, context.environment);
  if (!args.switches.has("github") && !args.switches.has("trust-workspace")) {
    const what = "releasing runs git with the configuration and the hooks of its repository";
    const shown = relative(context.cwd, repository.directory) || ".";
    requireTrust(repository.directory, { what, shown }, context.environment);
  }
  const tree = openDirectoryTree(repository.directory);
  if (args.switches.has("github")) return workflow(tree.stat(CATALOG)?.kind === "file");
  if (valueOf(args, "registry") !== undefined && !args.switches.has("npm")) {
    throw new CodedError("E_USAGE", "`--registry` is for `--npm`", { hint: "add `--npm`" });
  }
  if (args.switches.has("npm") && context.options.offline) {
    throw new CodedError("E_OFFLINE", "`--npm` publishes to a registry, and `--offline` was given", {
      hint: "leave one of the two away",
    });
  }
  using _lock = context.options.dryRun ? undefined : lockRelease(repository);
  const found = proposals(repository, authorPlugins(tree, basename(repository.directory)));
  const { dryRun } = context.options;
  const chosen = choose(found, args, dryRun);
  const blocked = obstaclesOf(repository, context.options.offline || dryRun);
  const answer = (outcome: string, more: object, last: readonly string[]): VerbResult => ({
    exit: outcome === "declined" ? EXIT.failed : EXIT.ok,
    data: {
      outcome,
      plugins: chosen.map(({ plugin, from, to, level, reasons, tag }) => {
        const before = from === undefined ? {} : { from };
        return { name: plugin.name, folder: plugin.folder, ...before, to, level, reasons, tag };
      }),
      unchanged: found.unchanged.length,
      blocked: dryRun ? blocked.map(({ problem }) => problem) : [],
      ...more,
    },
    text: () => [...chosen.flatMap(proposalLines), ...last],
  });
  if (chosen.length === 0) {
    // What is not committed is not released, and its author may not know that it is not.
    return answer("nothing", {}, [
      `nothing that is committed changed since the last release of ${counted(found.unchanged.length, "plugin")}`,
      ...blocked.map(({ problem, hint }) => `${yellow("note:")} ${problem}: ${hint}`),
    ]);
  }
  if (dryRun)
    return answer(
      "dry-run",
      {},
      blocked.map(({ problem, hint }) => `${yellow("before that:")} ${problem}: ${hint}`),
    );
  const [first] = blocked;
  if (first !== undefined) {
    throw new CodedError("E_RELEASE", first.problem, { hint: first.hint, where: repository.directory });
  }
  const npm = args.switches.has("npm") ? npmRelease(context, args, repository) : undefined;
  if (!(await agreed(context, chosen))) return answer("declined", {}, ["nothing was changed"]);
  const date = new Date().toISOString().slice(0, 10);
  const { commit, signed } = await interruptible((proceed) =>
    makeRelease(repository, chosen, date, {
      check: async () => {
        await npm?.pack(chosen);
        await proceed();
      },
      beforeTag: async (proposal) => {
        await proceed();
        await npm?.publish(proposal);
      },
    }),
  );
  const published = npm === undefined ? {} : { published: npm.published };
  return answer("released", { commit, signed, ...published }, [
    `${green("released")} ${counted(chosen.length, "plugin")}: commit ${commit.slice(0, 12)}, ${signed ? "signed " : ""}tags ${chosen.map(({ tag }) => tag).join(", ")}`,
    ...(npm?.published ?? []).map((name) => `published ${name}`),
    ...nextSteps(
      repository,
      chosen.map(({ tag }) => tag),
    ),
  ]);
}

function workflow(marketplace: boolean): VerbResult {
  const text = releaseWorkflow({ marketplace, plugsmith: VERSION });
  return {
    exit: EXIT.ok,
    data: { path: RELEASE_WORKFLOW, workflow: text },
    text: () => text.trimEnd().split("\n"),
  };
}

/** Names that a hint lists. */
const MAX_NAMES = 8;

/** The releases that were asked for. Throws `E_USAGE` when a marketplace leaves the choice open, `E_PLUGIN_UNKNOWN` for a name that it does not have. */
function choose({ changed, unchanged }: Proposals, args: ParsedArguments, dryRun: boolean): readonly Proposal[] {
  const names = args.positionals;
  const known = [...changed.map(({ plugin }) => plugin.name), ...unchanged];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new CodedError("E_PLUGIN_UNKNOWN", `the repository has no plugin \`${unknown}\``, {
      hint: `it has ${known
        .slice(0, MAX_NAMES)
        .map((name) => `\`${name}\``)
        .join(", ")}${known.length > MAX_NAMES ? " …" : ""}`,
      data: { unknown, candidates: known },
    });
  }
  if (names.length > 0) return changed.filter(({ plugin }) => names.includes(plugin.name));
  if (dryRun || args.switches.has("changed") || changed.length < 2) return changed;
  const list = changed.map(({ plugin }) => `\`${plugin.name}\``).join(", ");
  throw new CodedError("E_USAGE", `${counted(changed.length, "plugin")} changed: ${list}`, {
    hint: "name those to release, or `--changed` for all of them",
  });
}

/** A remote is asked first, so that what others pushed is known. */
function obstaclesOf(repository: WorkTree, offline: boolean): readonly Obstacle[] {
  const hasUpstream = repository.ask(["rev-parse", "--verify", "--quiet", "@{upstream}"]) !== undefined;
  if (!offline && hasUpstream)
    repository.run(["fetch", "--quiet"], "see whether the remote can be reached, or use `--offline`");
  return obstacles(repository);
}

function npmRelease(context: VerbContext, args: ParsedArguments, repository: WorkTree): NpmRelease {
  return new NpmRelease({
    top: repository.directory,
    registry: valueOf(args, "registry"),
    environment: context.environment,
  });
}

async function agreed({ options, writer }: VerbContext, chosen: readonly Proposal[]): Promise<boolean> {
  if (options.yes) return true;
  const { isTerminal } = await import("../print/is-terminal.ts");
  if (!isTerminal(0) || !writer.stderrIsTerminal) {
    throw new CodedError(
      "E_USAGE",
      `${counted(chosen.length, "release")} ${chosen.length === 1 ? "waits" : "wait"} for a yes`,
      {
        hint: "look with `--dry-run`, then say `--yes`",
      },
    );
  }
  writer.err(chosen.flatMap(proposalLines));
  const { askYesNo } = await import("../print/question.ts");
  return askYesNo(`release ${counted(chosen.length, "plugin")}?`, new AbortController().signal);
}

function proposalLines({ plugin, from, to, level, reasons, tag }: Proposal): readonly string[] {
  const versions = from === undefined ? to : `${from} -> ${to}`;
  return [`${bold(plugin.name)} ${versions} ${dim(`(${level}, ${tag})`)}`, ...reasons.map((reason) => `  ${reason}`)];
}

/** Runs a release so that Ctrl-C stops it between two steps, and what it wrote is taken back. */
async function interruptible<Result>(work: (proceed: () => Promise<void>) => Promise<Result>): Promise<Result> {
  const interruption = new Interruption();
  try {
    return await work(async () => {
      // Git runs synchronously: a signal that came meanwhile is heard only now.
      await setImmediate();
      interruption.signal.throwIfAborted();
    });
  } finally {
    interruption.close();
  }
}

function nextSteps(repository: WorkTree, tags: readonly string[]): readonly string[] {
  const [remote = ""] = repository.run(["remote"]).split("\n");
  const push = `git push --atomic ${remote === "" ? "origin" : remote} HEAD ${tags.join(" ")}`;
  if (remote !== "") return [`${bold("next:")} ${push}`];
  return [`${bold("next:")} git remote add origin <url of the repository>`, `      ${push}`];
}
