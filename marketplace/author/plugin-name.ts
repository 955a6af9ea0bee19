import { CodedError } from "../../schemas/errors.ts";
import {
  escapeControl,
  isKebab,
  isVendorImitation,
  isVendorName,
  isVendorPluginName,
  marketplaceNameProblem,
  nameProblem,
} from "../../schemas/names.ts";

/** Longest name that other clients take for a skill, which a plugin often shares its name with. */
const MAX_LENGTH = 64;

/** Refuses a name that some client would not take for a new plugin, or marketplace, with `E_NAME`; the hint has one that all take. */
export function checkNewName(name: string, what: "plugin" | "marketplace", command: (name: string) => string): void {
  const problem = newNameProblem(name, what);
  if (problem === undefined) return;
  const corrected = correctedName(name, what);
  throw new CodedError("E_NAME", `${what} name \`${escapeControl(name.slice(0, MAX_LENGTH))}\` ${problem}`, {
    hint: `\`${command(corrected)}\``,
    data: { corrected },
  });
}

function newNameProblem(name: string, what: "plugin" | "marketplace"): string | undefined {
  const problem = what === "marketplace" ? marketplaceNameProblem(name) : nameProblem(name);
  if (problem !== undefined) return problem;
  if (!isKebab(name)) return "is not kebab-case: lower-case words joined by `-`";
  if (name.length > MAX_LENGTH) return `has ${name.length} characters, and some clients take ${MAX_LENGTH}`;
  const isVendors =
    isVendorPluginName(name) || (what === "marketplace" && (isVendorName(name) || isVendorImitation(name)));
  return isVendors ? "is one that another vendor keeps for itself" : undefined;
}

/** The nearest name that every client takes. */
function correctedName(name: string, what: "plugin" | "marketplace"): string {
  const words = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, "-")
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== "");
  const plain = words.join("-").slice(0, MAX_LENGTH).replace(/-$/u, "");
  const own = words.filter((word) => !/^(?:claude|anthropics?|official|cc)$/u.test(word)).join("-");
  const candidates = [plain, own, `${plain}-plugin`, `my-${own}`];
  return candidates.find((candidate) => newNameProblem(candidate, what) === undefined) ?? `my-${what}`;
}
