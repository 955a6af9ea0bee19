import type { Proposal } from "./proposal.ts";

const TITLE = /^# [^\n]*\n+/u;

/** A changelog with a section for a release, before those of others; `undefined` starts one. */
export function withSection(before: string | undefined, { to, reasons, commits }: Proposal, date: string): string {
  const text = before ?? "# Changelog\n";
  // Whoever wrote the section already has said it better.
  if (new RegExp(`^## \\[?v?${to.replaceAll(/[.+]/gu, String.raw`\$&`)}\\b`, "mu").test(text)) return text;
  const title = TITLE.exec(text)?.[0] ?? "";
  const lines = [...new Set(commits.length === 0 ? reasons : commits)].map((line) => `- ${line}`);
  const section = [`## ${to} - ${date}`, "", ...lines, ""].join("\n");
  const rest = text.slice(title.length);
  return `${title.trimEnd()}${title === "" ? "" : "\n\n"}${section}${rest === "" ? "" : `\n${rest}`}`;
}
