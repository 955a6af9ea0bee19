import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import { costAdvice } from "./costs.ts";
import { descriptionAdvice } from "./descriptions.ts";
import { hookAdvice } from "./hook-commands.ts";
import { launcherAdvice } from "./launchers.ts";
import { overlapAdvice } from "./overlap.ts";
import { paperAdvice } from "./papers.ts";
import type { AdviceSubject } from "./subject.ts";

export { hasLicence } from "./papers.ts";
export type { AdviceSubject } from "./subject.ts";

/** Advice for the authors of a set of plugins, in their order, then about the set; files are relative to what is validated. */
export function adviceAbout(subjects: readonly AdviceSubject[]): readonly Diagnostic[] {
  const each = subjects.flatMap((subject) =>
    [descriptionAdvice, costAdvice, hookAdvice, launcherAdvice, paperAdvice].flatMap((advise) =>
      advise(subject).map((found) => located(found, subject.folder)),
    ),
  );
  return [...each, ...overlapAdvice(subjects)];
}

function located(diagnostic: Diagnostic, folder: string): Diagnostic {
  if (diagnostic.file === undefined || folder === "") return diagnostic;
  return { ...diagnostic, file: [folder, diagnostic.file].filter((part) => part !== "").join("/") };
}
