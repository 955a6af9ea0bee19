/** The agents that a policy is compiled for. */
export const POLICY_AGENTS = ["claude", "codex", "copilot", "vscode"] as const;

/** One of `POLICY_AGENTS`. */
export type PolicyAgent = (typeof POLICY_AGENTS)[number];

/** What a policy is compiled into. */
export interface ManagedFileForm {
  readonly title: string;
  readonly format: "json" | "toml";
  /** Where the agent looks for it. */
  readonly places: { readonly linux: string; readonly macos: string; readonly windows: string };
}

const GITHUB: Omit<ManagedFileForm, "title"> = {
  format: "json",
  places: {
    linux: "/etc/github-copilot/managed-settings.json",
    macos: "/Library/Application Support/GitHubCopilot/managed-settings.json",
    windows: String.raw`C:\Program Files\GitHubCopilot\managed-settings.json`,
  },
};

/** The managed file of each agent; Copilot CLI and VS Code read the same one. */
export const MANAGED_FILES: Readonly<Record<PolicyAgent, ManagedFileForm>> = {
  claude: {
    title: "Claude Code",
    format: "json",
    places: {
      linux: "/etc/claude-code/managed-settings.json",
      macos: "/Library/Application Support/ClaudeCode/managed-settings.json",
      windows: String.raw`C:\Program Files\ClaudeCode\managed-settings.json`,
    },
  },
  codex: {
    title: "Codex",
    format: "toml",
    places: {
      linux: "/etc/codex/requirements.toml",
      macos: "/etc/codex/requirements.toml",
      windows: String.raw`%ProgramData%\OpenAI\Codex\requirements.toml`,
    },
  },
  copilot: { title: "Copilot CLI", ...GITHUB },
  vscode: { title: "VS Code", ...GITHUB },
};
