import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A file of a commit; a link holds its target, a submodule the commit it points to. */
export type FixtureFile =
  string | Uint8Array | { readonly link: string } | { readonly executable: string } | { readonly submodule: string };

/** One commit on top of the one before it; files that are not named stay as they were. */
export interface FixtureCommit {
  /** Path → content; `undefined` deletes. */
  readonly files: Readonly<Record<string, FixtureFile | undefined>>;
  readonly tags?: readonly string[] | undefined;
  /** Tags with a tag object. */
  readonly annotated?: readonly string[] | undefined;
  /** Seconds since 1970; default grows by 60 a commit. */
  readonly time?: number | undefined;
  /** Default `main`. */
  readonly branch?: string | undefined;
  /** Forget everything before: a commit without parent. */
  readonly orphan?: boolean | undefined;
}

const EPOCH = 1_700_000_000;

function configuration(bare: boolean): string {
  return `[core]
	repositoryformatversion = 0
	filemode = true
	bare = ${bare}
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[user]
	name = Fixture
	email = fixture@example.org
`;
}

/** A real git repository that tests write with `git fast-import`. */
export class FixtureRepository {
  readonly directory: string;
  readonly #gitDirectory: string;
  #count = 0;

  /** Creates a bare repository, or one with a work tree (`files` are then checked out by `checkOut`). */
  constructor(directory: string, options: { readonly bare?: boolean } = {}) {
    this.directory = directory;
    const bare = options.bare !== false;
    this.#gitDirectory = bare ? directory : join(directory, ".git");
    // What `git init` writes and git needs, without six processes for every fixture.
    for (const folder of ["objects", "refs"]) mkdirSync(join(this.#gitDirectory, folder), { recursive: true });
    writeFileSync(join(this.#gitDirectory, "HEAD"), "ref: refs/heads/main\n");
    writeFileSync(join(this.#gitDirectory, "config"), configuration(bare));
  }

  /** Runs git in the repository with a clean configuration and returns what it printed. */
  git(argv: readonly string[], input?: Buffer): string {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
    const done = spawnSync("git", argv, {
      cwd: this.directory,
      input,
      env: { ...environment, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
      maxBuffer: 1 << 28,
    });
    if (done.status !== 0) throw new Error(`git ${argv.join(" ")}: ${done.stderr.toString()}`);
    return done.stdout.toString().trim();
  }

  /** Adds commits in one go and returns their ids. */
  commit(commits: readonly FixtureCommit[]): readonly string[] {
    const parts: (string | Uint8Array)[] = ["feature done\n"];
    const marks: number[] = [];
    const fresh = new Set<string>();
    for (const commit of commits) {
      this.#count += 1;
      const mark = this.#count;
      marks.push(mark);
      const branch = `refs/heads/${commit.branch ?? "main"}`;
      const who = `Fixture <fixture@example.org> ${commit.time ?? EPOCH + mark * 60} +0000`;
      if (commit.orphan === true) parts.push(`reset ${branch}\n\n`);
      parts.push(`commit ${branch}\nmark :${mark}\ncommitter ${who}\ndata 0\n`);
      const before = this.#branches.has(branch) && !fresh.has(branch) && commit.orphan !== true;
      if (before) parts.push(`from ${branch}^0\n`);
      if (commit.orphan === true) parts.push("deleteall\n");
      this.#branches.add(branch);
      fresh.add(branch);
      for (const [path, file] of Object.entries(commit.files)) parts.push(...fileCommand(path, file));
      parts.push("\n");
      for (const tag of commit.tags ?? []) parts.push(`reset refs/tags/${tag}\nfrom :${mark}\n\n`);
      for (const tag of commit.annotated ?? []) parts.push(`tag ${tag}\nfrom :${mark}\ntagger ${who}\ndata 0\n\n`);
    }
    parts.push("done\n");
    const marksFile = join(this.directory, "fixture-marks");
    this.git(
      ["fast-import", "--quiet", "--force", `--export-marks=${marksFile}`],
      Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part))),
    );
    const oids = new Map(
      readFileSync(marksFile, "utf8")
        .trim()
        .split("\n")
        .map((line) => {
          const [mark = "", oid = ""] = line.split(" ");
          return [Number(mark.slice(1)), oid] as const;
        }),
    );
    return marks.map((mark) => oids.get(mark) ?? "");
  }
  readonly #branches = new Set<string>();

  /** Writes the newest commit of `main` into the work tree. */
  checkOut(): void {
    this.git(["reset", "--quiet", "--hard", "main"]);
  }
}

function fileCommand(path: string, file: FixtureFile | undefined): readonly (string | Uint8Array)[] {
  const name = JSON.stringify(path);
  if (file === undefined) return [`D ${name}\n`];
  if (typeof file === "string" || file instanceof Uint8Array) return inline("100644", name, Buffer.from(file));
  if ("link" in file) return inline("120000", name, Buffer.from(file.link));
  if ("executable" in file) return inline("100755", name, Buffer.from(file.executable));
  return [`M 160000 ${file.submodule} ${name}\n`];
}

function inline(mode: string, name: string, content: Buffer): readonly (string | Uint8Array)[] {
  return [`M ${mode} inline ${name}\ndata ${content.length}\n`, content, "\n"];
}
