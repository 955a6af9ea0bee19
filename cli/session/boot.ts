import type { BootNode, BootTree } from "../../core/observe/boot-tree.ts";
import { AGENT_TARGET_POINT } from "../../schemas/agent-target-point.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { provisionText } from "../print/amount.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { bold, columns, dim, red, yellow } from "../print/style.ts";
import type { Writer } from "../print/writer.ts";
import { openHost } from "./open-host.ts";
import type { HostOptions } from "./create-host.ts";

/** `plugsmith boot`: what a session here would load; exit 1 when an enabled plugin would not. */
export async function printBoot(
  { directory = process.cwd(), pluginDirectories = [], settings = [], trustWorkspace = false, onLog }: HostOptions,
  writer: Writer,
  options: { readonly start: boolean; readonly json: boolean },
): Promise<ExitCode> {
  const opened = await openHost({
    directory,
    environment: process.env,
    pluginDirectories,
    settings,
    trustWorkspace,
    log: onLog,
  });
  try {
    if (options.start) await opened.host.start();
    const tree = opened.host.tree();
    const failed = tree.plugins.some(({ state }) => state.kind === "failed" || state.kind === "held");
    if (options.json) writer.json(bootData(tree, opened.diagnostics, !failed));
    else writer.out(bootLines(tree, opened.diagnostics));
    return failed ? EXIT.failed : EXIT.ok;
  } finally {
    await opened.close();
  }
}

function bootData(tree: BootTree, diagnostics: readonly Diagnostic[], ok: boolean): Readonly<Record<string, unknown>> {
  return {
    type: "boot",
    ok,
    bootMs: tree.bootMs,
    plugins: tree.plugins.map(({ state, ...node }) => ({ ...node, state: stateData(state) })),
    missing: tree.missing,
    unownedPoints: unownedPoints(tree),
    unansweredGates: tree.unansweredGates,
    diagnostics,
  };
}

/** Agents that plugins tell of are read by `plugin`, so their point has no owner in a session. */
function unownedPoints(tree: BootTree): readonly string[] {
  return tree.unownedPoints.filter((key) => key !== AGENT_TARGET_POINT);
}

function stateData(state: BootNode["state"]): Readonly<Record<string, unknown>> {
  if (state.kind !== "failed") return { ...state };
  const { error, ...rest } = state;
  return { ...rest, code: error.code, message: error.message, hint: error.hint };
}

/** Why a plugin takes no part, and what to do about it. */
export function troubleOf(
  state: BootNode["state"],
): { readonly message: string; readonly hint: string | undefined } | undefined {
  if (state.kind === "held") return { message: state.message, hint: state.hint };
  return state.kind === "failed" ? { message: state.error.message, hint: state.error.hint } : undefined;
}

function bootLines(tree: BootTree, diagnostics: readonly Diagnostic[]): readonly string[] {
  const rows = tree.plugins.map((node) => [
    bold(node.id),
    node.version,
    node.tier,
    stateText(node),
    dim(partsText(node)),
  ]);
  const hints = tree.plugins.flatMap(({ id, state }) => {
    const hint = troubleOf(state)?.hint;
    return hint === undefined ? [] : [`${bold("hint:")} \`${id}\`: ${hint}`];
  });
  const missing = tree.missing.map((key) => `${yellow("missing")} \`${key}\`: no enabled plugin provides it`);
  const unowned = unownedPoints(tree).map((key) => `${yellow("unused")} \`${key}\`: no enabled plugin owns this point`);
  const unanswered = tree.unansweredGates.map((key) => `${yellow("unanswered")} \`${key}\`: no enabled plugin decides`);
  const unclaimed = tree.plugins.flatMap(({ id, unclaimed: kinds }) =>
    kinds.map((kind) => `${yellow("unused")} ${kind} of \`${id}\`: no enabled plugin takes it`),
  );
  return [
    ...columns([["plugin", "version", "from", "state", "components"].map(dim), ...rows]),
    ...hints,
    ...missing,
    ...unowned,
    ...unanswered,
    ...unclaimed,
    ...diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic)),
    "",
    `${String(tree.plugins.length)} plugins in ${tree.bootMs.toFixed(1)} ms`,
  ];
}

/** Components by kind, and whether it brings code. */
function partsText({ provides, code }: BootNode): string {
  if (!code) return provisionText(provides);
  return Object.keys(provides).length === 0 ? "code" : `${provisionText(provides)}, code`;
}

function stateText({ state }: BootNode): string {
  switch (state.kind) {
    case "activated":
      return `activated (${state.ms.toFixed(1)} ms)`;
    case "held":
      return red(`held (${state.reason}): ${state.message}`);
    case "failed":
      return red(`failed at ${state.at}: ${state.error.message}`);
    default:
      // Nothing has to run before it is first needed.
      return "ready";
  }
}
