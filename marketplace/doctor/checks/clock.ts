import type { Check } from "../finding.ts";

const DAY_MS = 86_400_000;

/** Whether the clock was turned back since the last change: then dates of installation and refreshes mislead. */
export const clock: Check = {
  name: "clock",
  find: ({ services: { now }, generation }) => {
    if (generation === undefined || Date.parse(generation.createdAt) - now().getTime() < DAY_MS) return [];
    return [
      {
        check: "clock",
        code: "W_CLOCK",
        severity: "warning",
        message: `the clock says ${now().toISOString()}, but the last change was made at ${generation.createdAt}`,
        hint: "correct the clock; catalogs are taken for newer than they are until then",
      },
    ];
  },
};
