import { replacedMessage, type LineagesOptions } from "../marketplace/sources/lineage.ts";
import { withAccept, type Person } from "./consent.ts";

/** Asks the person whether a source at which another repository answers may be used. `--accept` says yes to one commit of it. */
export function askAboutSources({ accepted, askPlainly, command }: Person): LineagesOptions["ask"] {
  return async (replaced) => {
    if (accepted.includes(replaced.found)) return { accepted: true };
    const question = `${replacedMessage(replaced)}. Use what is there now?`;
    if (askPlainly !== undefined && (await askPlainly(question))) return { accepted: true };
    const again = withAccept(command, replaced.found);
    return {
      accepted: false,
      hint: `it is held, and nothing of it is used; if its owner says that it was created anew, say yes to exactly that with\n${again}`,
    };
  };
}
