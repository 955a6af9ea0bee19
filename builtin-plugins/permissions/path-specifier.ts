import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { realPath } from "./real-path.ts";
import type { RuleSource } from "./rule-source.ts";
import type { ToolPath } from "./tool-request.ts";

const ROOT: Base = { path: "/", real: "/" };
const UP = /^(?:\.\/)*(?:\.\.\/)+/u;

/** A folder by its name and in truth. */
export interface Base {
  readonly path: string;
  readonly real: string;
}

/** Where patterns of paths begin. */
export interface PathBases {
  readonly project: Base;
  /** The present working directory. */
  readonly directory: Base;
  readonly home: Base;
}

/** Looks where a folder really is. */
export function baseOf(path: string): Base {
  return { path, real: realPath(path) };
}

/** A pattern of paths in the brackets of a rule: `//absolute`, `~/home`, `/beside the settings`, `relative`; gitignore's syntax. */
export class PathSpecifier {
  readonly #written: string;
  /** How far above its base a relative pattern begins. */
  readonly #up: string;
  readonly #source: RuleSource;
  readonly #compiled = new Map<boolean, Ignore>();

  constructor(written: string, source: RuleSource) {
    this.#up = UP.exec(written.trim())?.[0] ?? ".";
    this.#written = written.trim().replace(UP, "./");
    this.#source = source;
  }

  /** Whether the file that is really meant lies under the pattern. */
  allows({ real, isSearch }: ToolPath, bases: PathBases): boolean {
    const [base] = this.#bases(bases);
    return base !== undefined && this.#matches(real, base.real, isSearch, false);
  }

  /** Whether the file lies under the pattern by its name or in truth. */
  restricts({ path, real, isSearch }: ToolPath, bases: PathBases): boolean {
    return this.#bases(bases).some(
      (base) => this.#matches(path, base.path, isSearch, true) || this.#matches(real, base.real, isSearch, true),
    );
  }

  #bases({ project, directory, home }: PathBases): readonly Base[] {
    const { layer, file } = this.#source;
    if (this.#written.startsWith("//")) return [ROOT];
    if (this.#written.startsWith("~/")) return [home];
    if (!this.#written.startsWith("/")) {
      const up = ({ path, real }: Base): Base => ({ path: resolve(path, this.#up), real: resolve(real, this.#up) });
      return project.path === directory.path ? [up(project)] : [up(project), up(directory)];
    }
    if (layer === "managed") return [ROOT];
    if (layer === "user" && file !== undefined) return [baseOf(dirname(file))];
    return [project];
  }

  #matches(path: string, base: string, isSearch: boolean, strict: boolean): boolean {
    const inside = relative(base, path).split(sep).join("/");
    if (inside === "") return isSearch && ["**", "./**", "/**", "//**", "~/**"].includes(this.#written);
    if (inside === ".." || inside.startsWith("../") || isAbsolute(inside)) return false;
    const rules = this.#rules(strict);
    return rules.ignores(inside) || (isSearch && rules.ignores(`${inside}/`));
  }

  /** Case counts where something is allowed; what restricts holds on file systems that do not know case, too. */
  #rules(ignorecase: boolean): Ignore {
    let rules = this.#compiled.get(ignorecase);
    if (rules === undefined) {
      const pattern = this.#written.replace(/^(?:~\/|\/{1,2}|\.\/)/u, "/").replace(/^#/u, "\\#");
      // A folder that is searched is under `folder/**` as well.
      const folder = pattern.endsWith("/**") ? [pattern.slice(0, -2)] : [];
      rules = ignore({ ignorecase }).add([pattern, ...folder]);
      this.#compiled.set(ignorecase, rules);
    }
    return rules;
  }
}
