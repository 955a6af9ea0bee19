import { escapeControl } from "../names.ts";

/** A name of somebody's file as a message may show it. */
export function quotedName(text: string): string {
  return `\`${escapeControl(text.length > 120 ? `${text.slice(0, 120)}…` : text)}\``;
}
