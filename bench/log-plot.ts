/** A line of a plot: what took how long, by size. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly size: number; readonly ms: number }[];
}

const [WIDTH, HEIGHT] = [780, 440];
const BOX = { left: 70, right: 520, top: 40, bottom: 380 } as const;
/** Readable on white and on black. */
const COLOURS = ["#2f81f7", "#d9730d", "#2da44e", "#bf5af2"] as const;
const STYLE =
  "text{font:13px sans-serif;fill:#7d8590}.t{font-weight:600;font-size:15px}.g{stroke:#7d8590;stroke-opacity:.3}";

/** The exponent that fits best when time grows as a power of size: 1 is linear. `bareMs`, the start of the program, is taken off. */
export function growthExponent({ points }: Series, bareMs: number): number {
  const logs = points.map(({ size, ms }) => [Math.log(size), Math.log(Math.max(ms - bareMs, 1))] as const);
  const mean = (at: 0 | 1): number => logs.reduce((sum, pair) => sum + pair[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return covariance / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

const decades = (low: number, high: number): number[] => {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
};

/** A plot with logarithmic axes, where a straight line of slope one is linear growth. */
export function logPlot(title: string, sizeLabel: string, series: readonly Series[], bareMs: number): string {
  const points = series.flatMap((each) => each.points);
  const xs = decades(Math.min(...points.map(({ size }) => size)), Math.max(...points.map(({ size }) => size)));
  const ys = decades(Math.min(...points.map(({ ms }) => ms)), Math.max(...points.map(({ ms }) => ms)));
  const scale = (values: readonly number[], from: number, to: number) => {
    const [low = 1, high = 10] = [values[0], values.at(-1)].map((value) => Math.log10(value ?? 1));
    return (value: number): string => (from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from)).toFixed(1);
  };
  const [x, y] = [scale(xs, BOX.left, BOX.right), scale(ys, BOX.bottom, BOX.top)];
  const vertical = xs.map(
    (value) =>
      `<path class="g" d="M${x(value)} ${String(BOX.top)}V${String(BOX.bottom)}"/>` +
      `<text x="${x(value)}" y="${String(BOX.bottom + 20)}" text-anchor="middle">${value.toLocaleString("en")}</text>`,
  );
  const horizontal = ys.map(
    (value) =>
      `<path class="g" d="M${String(BOX.left)} ${y(value)}H${String(BOX.right)}"/>` +
      `<text x="${String(BOX.left - 8)}" y="${y(value)}" text-anchor="end" dy="4">${value.toLocaleString("en")}</text>`,
  );
  const lines = series.map((each, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? COLOURS[0];
    const path = each.points.map(({ size, ms }) => `${x(size)},${y(ms)}`).join(" ");
    const dots = each.points.map(({ size, ms }) => `<circle cx="${x(size)}" cy="${y(ms)}" r="4" fill="${colour}"/>`);
    const row = String(BOX.top + 14 + at * 40);
    return (
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}` +
      `<circle cx="${String(BOX.right + 20)}" cy="${row}" r="5" fill="${colour}"/>` +
      `<text x="${String(BOX.right + 32)}" y="${row}" dy="4">${each.name}</text>` +
      `<text x="${String(BOX.right + 32)}" y="${row}" dy="20">exponent ${growthExponent(each, bareMs).toFixed(2)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img"><title>${title}</title>`,
    `<style>${STYLE}</style>`,
    `<text class="t" x="${String(BOX.left)}" y="24">${title}: ms</text>`,
    ...vertical,
    ...horizontal,
    ...lines,
    `<text x="${String((BOX.left + BOX.right) / 2)}" y="${String(BOX.bottom + 44)}" text-anchor="middle">${sizeLabel}</text>`,
    "</svg>\n",
  ].join("\n");
}
