import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { recorded } from "../../core/audit/recorded.ts";
import { findProject, realDirectory } from "../../core/trust/workspace.ts";
import { openWorkspaceTrust, type WorkspaceTrust } from "../../core/trust/workspace-trust.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { escapeControl } from "../../schemas/names.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { warnAbout } from "../installed.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb, VerbResult } from "../verb.ts";

type Outcome = "trusted" | "revoked" | "unchanged" | "listed" | "dry-run";

/** `plugin trust`. */
export const verb: Verb = {
  name: "trust",
  summary: "trust a workspace, or take that back",
  positionals: [{ name: "dir" }],
  flags: [
    { name: "revoke", summary: "take the trust back" },
    { name: "list", summary: "list the workspaces that you trust" },
  ],
  about: [
    "What a repository brings (hooks, servers, skills that run commands, settings) has no effect before you trust its folder. The folder is the nearest one with a `.git`, a `plugins.json` or a `.plugsmith`, by its real path; folders inside it that are projects of their own need trust of their own.",
  ],
  examples: ["plugin trust", "plugin trust ~/code/site --revoke", "plugin trust --list"],
  run: async (context, args) => {
    const home = homeOf(context.environment);
    const trust = openWorkspaceTrust(join(home.state, "trust.json"), () => new Date());
    if (args.switches.has("list")) return report(context, trust, "listed", undefined);
    const revoke = args.switches.has("revoke");
    const path = workspaceOf(resolve(context.cwd, args.positionals[0] ?? "."), home.directory, revoke);
    if (context.options.dryRun) return report(context, trust, "dry-run", path);
    const { services } = await context.engine();
    const changed = await services.exclusively(() => {
      if (trust.isTrusted(path) === !revoke) return false;
      // What cannot be recorded must not be done.
      return recorded(services.audit, { action: revoke ? "trust revoke" : "trust grant", subject: path }, () =>
        revoke ? trust.revoke(path) : trust.trust(path),
      );
    });
    return report(context, trust, changed ? (revoke ? "revoked" : "trusted") : "unchanged", path);
  },
};

/** The project that a directory lies in; a directory that is gone can still lose its trust. */
function workspaceOf(directory: string, plugsmithHome: string, revoke: boolean): string {
  try {
    return findProject(realDirectory(directory), { homeDirectory: homedir(), plugsmithHome });
  } catch (error) {
    if (revoke && isCodedError(error) && error.code === "E_NOT_FOUND") return directory;
    throw error;
  }
}

async function report(
  context: VerbContext,
  trust: WorkspaceTrust,
  outcome: Outcome,
  workspace: string | undefined,
): Promise<VerbResult> {
  const workspaces = trust.list();
  const diagnostics = trust.diagnostics();
  await warnAbout(context, diagnostics);
  return {
    exit: EXIT.ok,
    data: { outcome, ...(workspace !== undefined && { workspace }), workspaces, diagnostics },
    text: () => {
      const name = bold(escapeControl(workspace ?? ""));
      const isTrusted = workspaces.some(({ path }) => path === workspace);
      switch (outcome) {
        case "trusted":
          return [`you trust ${name} now`, "  hint: `plugin trust --revoke` there takes that back"];
        case "revoked":
          return [`you no longer trust ${name}`];
        case "unchanged":
        case "dry-run":
          return [`${name} is ${isTrusted ? "trusted" : "not trusted"}; nothing was changed`];
        case "listed":
          return workspaces.length === 0
            ? ["you trust no workspace"]
            : columns([
                ["workspace", "since"].map(dim),
                ...workspaces.map(({ path, at }) => [escapeControl(path), at]),
              ]);
      }
    },
  };
}
