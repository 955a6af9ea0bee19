import { spawnSync } from "node:child_process";
import { existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Check, Finding } from "../../../marketplace/doctor/finding.ts";
import { OLDEST_GIT } from "../../../marketplace/sources/git-runner.ts";
import type { Diagnostic } from "../../../schemas/diagnostic.ts";

/** Git, without which nothing is fetched, and what the names of our own programs start. */
export const programs: Check = {
  name: "programs",
  find: ({ services: { environment } }): readonly Finding[] => {
    const path = environment["PATH"] ?? "";
    return [...git(path), ...shadowed(path)].map((finding) => ({ ...finding, check: "programs" }));
  },
};

function git(path: string): readonly Diagnostic[] {
  const { stdout, error } = spawnSync("git", ["version"], { env: { PATH: path }, encoding: "utf8" });
  const common = { code: "E_GIT_MISSING", severity: "error" } as const;
  if (error !== undefined)
    return [{ ...common, message: "the `git` program was not found", hint: "install git 2.32 or newer" }];
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/u.exec(stdout) ?? [];
  if (Number(major) * 1000 + Number(minor) >= OLDEST_GIT) return [];
  return [
    { ...common, message: `\`${stdout.trim()}\` is too old; Plugsmith needs git 2.32 or newer`, hint: "update git" },
  ];
}

/** Several copies under one name: an older one may answer where nobody expects it. */
function shadowed(path: string): readonly Diagnostic[] {
  return ["plugin", "plugsmith"].flatMap((name): readonly Diagnostic[] => {
    const found = path.split(delimiter).flatMap((directory) => copies(directory, name));
    const [first, ...others] = [...new Map(found.map((file) => [realpathSync(file), file])).values()];
    if (first === undefined || others.length === 0) return [];
    return [
      {
        code: "W_PROGRAM_SHADOWED",
        severity: "warning",
        message: `\`${name}\` starts \`${first}\`, and ${others.map((file) => `\`${file}\``).join(", ")} ${others.length === 1 ? "is" : "are"} hidden behind it`,
        hint: "remove the copies that you do not use, or reorder `PATH`",
      },
    ];
  });
}

function copies(directory: string, name: string): readonly string[] {
  const file = join(directory, name);
  // What the person may not look into is no way to a program, and no error.
  return directory !== "" && existsSync(file) && statSync(file).isFile() ? [file] : [];
}
