import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "../../core/platform/durable-file.ts";
import { loadPolicy } from "../../core/settings/policy-documents.ts";
import { compilePolicy } from "../../marketplace/agents/policy/compile-policy.ts";
import { MANAGED_FILES, POLICY_AGENTS, type PolicyAgent } from "../../marketplace/agents/policy/policy-agent.ts";
import { objectOf, type WrittenPolicy } from "../../marketplace/agents/policy/written-policy.ts";
import { CodedError } from "../../schemas/errors.ts";
import { readJson } from "../../schemas/json-text.ts";
import { ioError } from "../../schemas/system-error.ts";
import { EXIT } from "../exit-code.ts";
import { type ParsedArguments, valueOf } from "../flags.ts";
import type { VerbContext } from "../context.ts";
import { absolutePath } from "../path.ts";
import { compiledFiles, POLICY_FLAG } from "../policy/policy-documents.ts";
import { counted } from "../print/amount.ts";
import { placeText } from "../print/diagnostic-lines.ts";
import { policyLossLines } from "../print/policy-loss-text.ts";
import { bold, dim, green } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin policy compile`. */
export const verb: Verb = {
  name: "policy compile",
  summary: "write a policy as the managed file of another agent",
  positionals: [],
  flags: [
    { name: "for", value: "agent", choices: POLICY_AGENTS, summary: "whose managed file" },
    POLICY_FLAG,
    {
      name: "out",
      value: "file",
      summary: "write it there; otherwise it is printed, and the list of losses beside it",
    },
    { name: "strict", summary: "fail, and write nothing, when the agent enforces less than the policy" },
  ],
  about: [
    "Of several files the strictest counts. Nothing in the result admits what the policy refuses. What the agent cannot say is listed, as `weaker` when it does not enforce it, each with what you can do about it, and as `stricter` when it refuses more.",
    "Without `--policy` it is that of `/etc/plugsmith` on this machine; the file for Claude Code is not compiled again, though Plugsmith reads it too. A policy with a rule that is not valid is not compiled. Equal policies give equal bytes.",
  ],
  examples: [
    "plugin policy compile --for claude --policy managed.json --out /etc/claude-code/managed-settings.json",
    "plugin policy compile --for codex --strict > requirements.toml",
  ],
  run: async (context, args) => {
    const agent = agentOf(args);
    const { title, format, places } = MANAGED_FILES[agent];
    const { text, losses } = await compilePolicy(await writtenPolicy(context, args), agent);
    const weaker = losses.filter(({ effect }) => effect === "weaker").length;
    const refused = args.switches.has("strict") && weaker > 0;
    const out = valueOf(args, "out");
    const file = out === undefined ? undefined : absolutePath(out, context.cwd);
    const { dryRun, json } = context.options;
    const written = file !== undefined && !refused && !dryRun;
    if (written) write(file, text);
    const end = refused
      ? [
          `${title} enforces less than this policy in ${counted(weaker, "place")}${out === undefined ? "" : ": nothing was written"}`,
        ]
      : [];
    if (!json && file === undefined) context.writer.err([...policyLossLines(losses, title), ...end]);
    return {
      exit: refused ? EXIT.failed : EXIT.ok,
      data: { for: agent, format, place: places, ...(file === undefined ? {} : { file, written }), text, losses },
      text: () => {
        if (file === undefined) return refused ? [] : text.trimEnd().split("\n");
        const done = `${dryRun ? "would write" : `${green("done:")} wrote`} ${bold(file)}`;
        return [
          ...policyLossLines(losses, title),
          ...(refused
            ? end
            : [done, dim(`  ${title} reads ${places.linux} (macOS: ${places.macos}, Windows: ${places.windows})`)]),
        ];
      },
    };
  },
};

/** Everybody has to be able to read it, the folder that it makes included. */
function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  } catch (error) {
    throw ioError("write", file, error);
  }
  replaceFile(file, text, { mode: 0o644, temporary: `${file}.${String(process.pid)}.new` });
}

function agentOf(args: ParsedArguments): PolicyAgent {
  const named = valueOf(args, "for");
  const agent = POLICY_AGENTS.find((one) => one === named);
  if (agent !== undefined) return agent;
  throw new CodedError("E_USAGE", "`--for` is missing", { hint: `name one of ${POLICY_AGENTS.join(", ")}` });
}

/** The files as read and as written. Throws `E_NOT_FOUND` when there is no policy and `E_POLICY_INVALID` for one that is not valid. */
async function writtenPolicy(context: VerbContext, args: ParsedArguments): Promise<WrittenPolicy> {
  const files = compiledFiles(context, args);
  if (files.length === 0) {
    throw new CodedError("E_NOT_FOUND", "there is no managed policy of Plugsmith on this machine", {
      hint: "name a file with `--policy FILE`",
    });
  }
  const { documents } = await loadPolicy(files);
  const [first, ...others] = documents.flatMap(({ diagnostics }) => diagnostics);
  if (first !== undefined) {
    const more = others.length === 0 ? "" : `, and ${counted(others.length, "other finding")}`;
    throw new CodedError("E_POLICY_INVALID", `${first.message}${more}`, {
      where: placeText(first),
      hint: "`plugin policy show` lists them all; a policy is compiled when every rule is valid",
    });
  }
  return documents.map((document, index) => {
    const found = files[index];
    const text = found?.trusted === true ? found.text : "{}";
    return { document, root: objectOf(readJson(text, { file: document.file, dangerousKeys: "refuse" }).value) };
  });
}
