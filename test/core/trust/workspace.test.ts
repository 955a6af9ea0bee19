import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openWorkspace } from "../../../core/trust/workspace.ts";
import { openWorkspaceTrust } from "../../../core/trust/workspace-trust.ts";
import type { Workspace } from "../../../plugin-api/index.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { canary } from "../../support/canary.ts";

interface Machine extends TemporaryHome {
  readonly open: (directory: string, trustedForThisRun?: boolean) => Workspace;
  readonly trust: (directory: string) => void;
}

/** A person's home `me` with a Plugsmith home in it. */
function machine(environment: Readonly<Record<string, string>> = {}): Machine {
  const files = temporaryHome();
  mkdirSync(files.path("me/.plugsmith"), { recursive: true });
  const trust = openWorkspaceTrust(files.path("me/.plugsmith/state/trust.json"), () => new Date());
  return {
    ...files,
    trust: (directory) => void trust.trust(realpathSync(files.path(directory))),
    open: (directory, trustedForThisRun = false) =>
      openWorkspace({
        directory: files.path(directory),
        homeDirectory: files.path("me"),
        plugsmithHome: files.path("me/.plugsmith"),
        environment,
        trust,
        trustedForThisRun,
      }),
  };
}

/** Where the project of a directory is, relative to the machine. */
function projectOf(at: Machine, directory: string): string {
  return at.open(directory).projectDirectory.slice(realpathSync(at.directory).length + 1);
}

describe("a workspace", () => {
  it("is the nearest folder that is marked as a project, else the directory itself", () => {
    using at = machine();
    for (const path of ["me/code/a/.git/HEAD", "me/code/a/sub/plugins.json", "me/code/b/.plugsmith/settings.json"]) {
      at.write(path, "");
    }
    for (const path of ["me/code/a/x/y", "me/code/a/sub/z", "me/code/b/c", "me/code/plain", "tmp/d"]) {
      mkdirSync(at.path(path), { recursive: true });
    }
    const projects = ["me/code/a/x/y", "me/code/a/sub/z", "me/code/b/c", "me/code/plain", "tmp/d"];
    expect(projects.map((directory) => projectOf(at, directory))).toEqual([
      "me/code/a",
      "me/code/a/sub",
      "me/code/b",
      "me/code/plain",
      "tmp/d",
    ]);
  });

  it("TR03: is never the person's home for what lies below it", () => {
    using at = machine();
    at.write("me/.git/HEAD", "");
    at.write("plugins.json", "{}");
    mkdirSync(at.path("me/downloads/evil"), { recursive: true });
    at.trust("me");
    const { projectDirectory, trusted } = at.open("me/downloads/evil");
    expect([projectDirectory, trusted]).toEqual([realpathSync(at.path("me/downloads/evil")), false]);
    expect([projectOf(at, "me"), at.open("me").trusted]).toEqual(["me", true]);
  });

  it("is trusted when its project is, from any folder of it", () => {
    using at = machine();
    at.write("code/a/.git/HEAD", "");
    mkdirSync(at.path("code/a/deep"));
    expect(at.open("code/a/deep").trusted).toBe(false);
    at.trust("code/a");
    expect([at.open("code/a").trusted, at.open("code/a/deep").trusted]).toEqual([true, true]);
  });

  const crafted: Readonly<Record<string, (at: Machine) => void>> = {
    "a `.git` file that points to the trusted one": (at) =>
      at.write("code/trusted/evil/.git", `gitdir: ${at.path("code/trusted/.git")}\n`),
    "being a worktree of the trusted one": (at) => {
      at.write("code/trusted/.git/worktrees/evil/gitdir", `${at.path("code/trusted/evil/.git")}\n`);
      at.write("code/trusted/.git/worktrees/evil/commondir", "../..\n");
      at.write("code/trusted/evil/.git", `gitdir: ${at.path("code/trusted/.git/worktrees/evil")}\n`);
    },
    "a `commondir` of the trusted one": (at) =>
      at.write("code/trusted/evil/.git/commondir", at.path("code/trusted/.git")),
    "a `.git` that links to the trusted one": (at) => {
      mkdirSync(at.path("code/trusted/evil"));
      symlinkSync(at.path("code/trusted/.git"), at.path("code/trusted/evil/.git"));
    },
    "a broken link as `.git`": (at) => {
      mkdirSync(at.path("code/trusted/evil"));
      symlinkSync("/nowhere", at.path("code/trusted/evil/.git"));
    },
    "a place behind a link in the trusted one": (at) => {
      at.write("elsewhere/x/file", "");
      symlinkSync(at.path("elsewhere/x"), at.path("code/trusted/evil"));
    },
    "its own `plugins.json`": (at) => at.write("code/trusted/evil/plugins.json", "{}"),
  };
  for (const [name, craft] of Object.entries(crafted)) {
    it(`TR02, TR03: inherits no trust by ${name}`, () => {
      using at = machine();
      at.write("code/trusted/.git/HEAD", "");
      craft(at);
      at.trust("code/trusted");
      expect([at.open("code/trusted").trusted, at.open("code/trusted/evil").trusted]).toEqual([true, false]);
    });
  }

  it("is the same one under every name of it", () => {
    using at = machine();
    at.write("code/a/.git/HEAD", "");
    symlinkSync(at.path("code"), at.path("link"));
    at.trust("code/a");
    expect(at.open("link/a")).toMatchObject({ trusted: true, directory: realpathSync(at.path("code/a")) });
  });

  it("can be trusted for one run, and nothing is recorded", () => {
    using at = machine();
    mkdirSync(at.path("code"));
    expect([at.open("code", true).trusted, at.open("code").trusted]).toEqual([true, false]);
  });

  it("knows the person's variables without those that hold secrets of plugins", () => {
    using at = machine({ PATH: "/bin", PLUGSMITH_SECRET_FMT__ACME__TOKEN: canary() });
    mkdirSync(at.path("code"));
    expect(at.open("code").environment).toEqual({ PATH: "/bin" });
  });

  it("has to exist", () => {
    using at = machine();
    at.write("file", "");
    for (const path of ["absent", "file", "file/below"]) {
      expect(() => at.open(path)).toThrow(expect.objectContaining({ code: "E_NOT_FOUND" }));
    }
  });
});
