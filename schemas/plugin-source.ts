import { commandSourceProblem } from "./command-source.ts";
import type { Diagnostic, DiagnosticCode } from "./diagnostic.ts";
import { isCodedError } from "./errors.ts";
import { checkCommit, refProblem } from "./git-ref.ts";
import { isGithubRepo, parseGitUrl } from "./git-url.ts";
import type { TextPosition } from "./text-position.ts";
import { escapeControl } from "./names.ts";
import { packageProblem, parsePackageSpec } from "./npm-package.ts";
import { parseTreePath } from "./tree-path.ts";
import type { GitSelection, SourceSpec } from "./source-spec.ts";

/** What a plugin source is read in. */
export interface PluginSourceContext {
  /** `metadata.pluginRoot` of the catalog, a tree path; `""` when it has none. */
  readonly pluginRoot: string;
  /** The catalog came from another machine, so nothing in it may point at this one. */
  readonly remote?: boolean | undefined;
  readonly file?: string | undefined;
  /** Position of a member below the source value; asked only when something is wrong. */
  readonly locate?: ((path: readonly (string | number)[]) => TextPosition) | undefined;
}

/** A source, or why there is none; warnings may come with a source. */
export interface ParsedPluginSource {
  readonly spec: SourceSpec | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses the `source` of a catalog entry; an unknown kind becomes `unsupported`, never an error. */
export function parsePluginSource(raw: unknown, context: PluginSourceContext): ParsedPluginSource {
  if (typeof raw === "string" && /^\.\/[\w-]+(?:\/[\w-]+)*$/.test(raw)) {
    // By far the most common form needs no reader of its own.
    return { spec: { kind: "relative", path: raw.slice(2) }, diagnostics: [] };
  }
  const reader = new SourceReader(context);
  try {
    return { spec: reader.read(raw), diagnostics: reader.diagnostics };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { spec: undefined, diagnostics: reader.diagnostics };
  }
}

class Unusable extends Error {}

type RawObject = Readonly<Record<string, unknown>>;

class SourceReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #context: PluginSourceContext;

  constructor(context: PluginSourceContext) {
    this.#context = context;
  }

  read(raw: unknown): SourceSpec {
    if (typeof raw === "string") return this.#relative(raw);
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
      return this.#refuse(
        "E_SCHEMA",
        "`source` must be a path or an object",
        [],
        'write `"./plugins/name"` or `{"source": "github", …}`',
      );
    }
    const object: RawObject = { ...raw };
    const type = object["source"];
    if (typeof type !== "string")
      return this.#refuse("E_SCHEMA", "`source.source` must be text", ["source"], "name the kind, e.g. `github`");
    switch (type) {
      case "github":
        return this.#github(this.#text(object, "repo"), object, object["path"] !== undefined);
      case "url":
      case "git":
        return this.#url(object);
      case "git-subdir":
        return this.#gitSubdir(object);
      case "npm":
        return this.#npm(object);
      case "archive":
        return this.#archive(object);
      case "command":
        return this.#command(object);
      default:
        return { kind: "unsupported", type: escapeControl(type.slice(0, 64)) };
    }
  }

  #relative(text: string): SourceSpec {
    if (/^(?:https?|ssh|git):\/\//i.test(text)) {
      return this.#refuse(
        "E_SOURCE_INVALID",
        "a URL needs the object form",
        [],
        `write \`{"source": "url", "url": "…"}\``,
      );
    }
    const path = this.#treePath(text, "source", []);
    if (text.startsWith("./") || text === ".") return { kind: "relative", path };
    if (this.#context.pluginRoot !== "" && !path.includes("/"))
      return { kind: "relative", path: `${this.#context.pluginRoot}/${path}` };
    this.#note(
      "W_SOURCE_PLAIN_PATH",
      `\`source\` \`${escapeControl(text)}\` does not start with \`./\``,
      [],
      `write \`./${path}\``,
    );
    return { kind: "relative", path };
  }

  #github(repo: string, object: RawObject, withPath: boolean): SourceSpec {
    const clean = repo.replace(/\.git$/, "");
    if (!isGithubRepo(clean)) {
      return this.#refuse(
        "E_SOURCE_INVALID",
        `\`repo\` \`${escapeControl(repo)}\` is not \`owner/repo\``,
        ["repo"],
        "write `owner/repo`",
      );
    }
    const path = withPath ? this.#treePath(this.#text(object, "path"), "path", ["path"]) : undefined;
    return { kind: "github", repo: clean, ...this.#selection(object), ...(path ? { path } : {}) };
  }

  #url(object: RawObject): SourceSpec {
    const url = this.#gitUrl(object);
    const path =
      object["path"] === undefined ? undefined : this.#treePath(this.#text(object, "path"), "path", ["path"]);
    return { kind: "git", url, ...this.#selection(object), ...(path ? { path, pathIsFallback: true } : {}) };
  }

  #gitSubdir(object: RawObject): SourceSpec {
    const address = this.#text(object, "url");
    if (isGithubRepo(address)) return this.#github(address, object, true);
    const path = this.#treePath(this.#text(object, "path"), "path", ["path"]);
    return { kind: "git", url: this.#gitUrl(object), ...this.#selection(object), ...(path === "" ? {} : { path }) };
  }

  #npm(object: RawObject): SourceSpec {
    const spec = parsePackageSpec(this.#text(object, "package"));
    const version = object["version"] === undefined ? spec.version : this.#text(object, "version");
    const problem = packageProblem({ name: spec.name, version });
    const hint = "name a registry package and a range, e.g. `@scope/name` and `^1.0.0`";
    if (problem !== undefined) return this.#refuse("E_SOURCE_INVALID", problem, ["package"], hint);
    // Plain http is for a registry that the person named too; whoever fetches looks at that.
    const address = object["registry"] === undefined ? undefined : this.#web(object, "registry", ["https:", "http:"]);
    const registry = address === undefined || address.endsWith("/") ? address : `${address}/`;
    return {
      kind: "npm",
      package: spec.name,
      ...(version === undefined ? {} : { version }),
      ...(registry === undefined ? {} : { registry }),
    };
  }

  #archive(object: RawObject): SourceSpec {
    const url = this.#web(object, "url");
    if (object["sha256"] === undefined) return { kind: "archive", url };
    const sha256 = this.#text(object, "sha256").toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(sha256))
      this.#refuse("E_SOURCE_INVALID", "`sha256` must be 64 hexadecimal digits", ["sha256"], "give the whole digest");
    return { kind: "archive", url, sha256 };
  }

  #command(object: RawObject): SourceSpec {
    const command = this.#text(object, "command");
    const problem = commandSourceProblem(command, object);
    if (problem !== undefined)
      this.#refuse(problem.code, `\`${problem.key}\` ${problem.why}`, [problem.key], problem.hint);
    const timeout = object["timeout"];
    return { kind: "command", command, ...(typeof timeout === "number" && { timeoutSeconds: timeout }) };
  }

  #selection(object: RawObject): GitSelection {
    const ref = object["ref"] === undefined ? undefined : this.#text(object, "ref");
    const problem = ref === undefined ? undefined : refProblem(ref);
    if (problem !== undefined) this.#refuse("E_GIT_REF", `\`ref\` ${problem}`, ["ref"], "name a branch or a tag");
    const sha =
      object["sha"] === undefined ? undefined : this.#checked(["sha"], () => checkCommit(this.#text(object, "sha")));
    return { ...(ref === undefined ? {} : { ref }), ...(sha === undefined ? {} : { sha }) };
  }

  #gitUrl(object: RawObject): string {
    const text = this.#text(object, "url");
    const parsed = this.#checked(["url"], () => parseGitUrl(text));
    if (parsed.transport === "file" && this.#context.remote === true) {
      this.#refuse(
        "E_PATH_ESCAPE",
        "`url` points at a file of this machine",
        ["url"],
        "a remote catalog can name remote repositories only",
      );
    }
    return parsed.url;
  }

  #web(object: RawObject, key: string, protocols: readonly string[] = ["https:"]): string {
    const text = this.#text(object, key);
    const url = /[\s\\\u0000-\u001f]/.test(text) ? null : URL.parse(text);
    if (
      url === null ||
      !protocols.includes(url.protocol) ||
      url.username !== "" ||
      url.password !== "" ||
      url.hash !== ""
    ) {
      return this.#refuse(
        "E_SOURCE_INVALID",
        `\`${key}\` must be an https URL without user name or fragment`,
        [key],
        "write `https://…`",
      );
    }
    return url.href;
  }

  #text(object: RawObject, key: string): string {
    const value = object[key];
    if (typeof value === "string" && value !== "") return value;
    return this.#refuse("E_SCHEMA", `\`source.${key}\` must be text`, [key], `add \`"${key}"\``);
  }

  #treePath(text: string, what: string, at: readonly string[]): string {
    const parsed = parseTreePath(text);
    if ("path" in parsed) return parsed.path;
    const hint = "name a directory inside the repository, e.g. `./plugins/name`";
    return this.#refuse(
      parsed.problem.code,
      `\`${what}\` \`${escapeControl(text.slice(0, 200))}\` ${parsed.problem.why}`,
      at,
      hint,
    );
  }

  #checked<T>(at: readonly string[], run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return this.#refuse(error.code, error.message, at, error.hint);
    }
  }

  #refuse(code: DiagnosticCode, message: string, at: readonly (string | number)[], hint?: string): never {
    this.#add(code, "error", message, at, hint);
    throw new Unusable(message);
  }

  #note(code: DiagnosticCode, message: string, at: readonly (string | number)[], hint?: string): void {
    this.#add(code, "warning", message, at, hint);
  }

  #add(
    code: DiagnosticCode,
    severity: "error" | "warning",
    message: string,
    at: readonly (string | number)[],
    hint?: string,
  ): void {
    const { file, locate } = this.#context;
    this.diagnostics.push({ code, severity, message, file, ...locate?.(at), hint });
  }
}
