import type { Change } from "./change.ts";

/** The verb as generations and plans record it, e.g. `add fmt@acme`. */
export function announce(change: Change, asked: ReadonlySet<string>): string {
  const ids = [...asked].sort().join(" ");
  switch (change.verb) {
    case "enable":
    case "disable":
      return `${change.verb} ${ids}${change.component === undefined ? "" : `:${change.component}`}`;
    case "sync":
      return change.frozen ? "sync --frozen" : "sync";
    case "lock-tools":
      return "sync --lock-tools";
    case "rollback":
      return "rollback";
    default:
      return ids === "" ? change.verb : `${change.verb} ${ids}`;
  }
}
