const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `minimumReleaseAge`: minutes as a number, or a text such as `90m`, `24h` or `3d`; `undefined` when it is neither. */
export function readMinimumAge(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value * 60_000 : undefined;
  const [, count, unit = ""] = typeof value === "string" ? (/^(\d{1,6})([mhd])$/u.exec(value) ?? []) : [];
  return count === undefined ? undefined : Number(count) * (UNITS_MS[unit] ?? 0);
}

/** An age in words, e.g. `36 hours`. */
export function ageText(ms: number): string {
  for (const [unit, size] of [
    ["day", 86_400_000],
    ["hour", 3_600_000],
  ] as const)
    if (ms >= size && ms % size === 0) return counted(ms / size, unit);
  return counted(ms / 60_000, "minute");
}

function counted(count: number, unit: string): string {
  return `${String(count)} ${unit}${count === 1 ? "" : "s"}`;
}
