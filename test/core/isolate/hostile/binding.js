/** Uses Node's own inner functions. */
export function attack() {
  return `fs binding: ${typeof process.binding("fs").open}`;
}
