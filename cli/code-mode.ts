import { sandboxProbe } from "../core/isolate/sandbox-probe.ts";
import type { Plan } from "../marketplace/plan/plan.ts";

/** How the code of plugins in a plan would run on this machine, as one line; `undefined` when there is none. */
export async function codeMode(
  plan: Plan,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  if (!plan.executables.some(({ kind }) => kind === "entry")) return undefined;
  const sandbox = await sandboxProbe({ PATH: environment["PATH"] ?? "" })();
  switch (sandbox.kind) {
    case "bubblewrap":
      return "code runs isolated: in processes of its own, inside bubblewrap, with what it asks for and nothing else";
    case "seatbelt":
      return "code runs isolated: in processes of its own, inside sandbox-exec, with what it asks for and nothing else";
    case "none":
      return `code runs degraded: in processes of its own, but without a sandbox (${sandbox.why}); what needs the network or programs is refused`;
  }
}
