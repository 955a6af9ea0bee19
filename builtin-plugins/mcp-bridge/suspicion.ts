const HIDDEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/u;
const FOREIGN_TOOL = /\bmcp__[\w-]+/u;
/** What only a text would say that is to be obeyed instead of read. */
const ORDERS = [
  /\b(?:ignore|disregard|forget)\b[^.]{0,40}\b(?:previous|prior|above|other|all)\b[^.]{0,30}\b(?:instructions?|rules?|prompts?|tools?)\b/iu,
  /<\/?(?:important|system|instructions?)\b[^>]*>/iu,
  /\b(?:do not|don't|never)\b[^.]{0,20}\b(?:tell|mention|inform|show|reveal)\b[^.]{0,30}\b(?:user|person|human)\b/iu,
];

/** What a person should know of the description of a tool before a model obeys it (attacks.md PR09). */
export function suspicions(description: unknown): readonly string[] {
  if (typeof description !== "string") return [];
  const order = ORDERS.map((pattern) => pattern.exec(description)?.[0]).find((found) => found !== undefined);
  const foreign = FOREIGN_TOOL.exec(description)?.[0];
  return [
    ...(HIDDEN.test(description) ? ["holds hidden characters, which the model is not shown"] : []),
    ...(order === undefined ? [] : [`gives orders to the model: ${JSON.stringify(order.slice(0, 100))}`]),
    ...(foreign === undefined ? [] : [`names a tool by its full name: \`${foreign.slice(0, 100)}\``]),
  ];
}
