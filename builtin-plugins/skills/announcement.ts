import { createHash } from "node:crypto";
import { notification, type PluginContext, type Session } from "plugsmith/plugin-api";
import { descriptionLine, listingOf, type Listing, type ListingEntry } from "./listing.ts";
import type { SessionSkills } from "./session-skills.ts";
import { listingRoom, skillSettings } from "./settings.ts";
import type { UsageCounts } from "./usage.ts";

/** Record of a session: what the model was told, name → digest of its line, `null` for what is gone. */
const LISTED = "plugsmith/skills-listed";

/** Tells one session's model which skills there are: once in full, then only what changed, so that nothing sent before changes. */
export class Announcement {
  readonly #context: PluginContext;
  readonly #session: Session;
  readonly #usage: UsageCounts;
  readonly #told = new Map<string, string>();
  /** Characters that the listings so far had. */
  #spent = 0;
  #seen = -1;

  constructor(context: PluginContext, session: Session, usage: UsageCounts) {
    this.#context = context;
    this.#session = session;
    this.#usage = usage;
    for (const note of session.notes(LISTED)) {
      if (typeof note !== "object" || note === null) continue;
      for (const [name, digest] of Object.entries(note)) {
        if (typeof digest === "string") this.#told.set(name, digest);
        else this.#told.delete(name);
      }
    }
  }

  /** The text to append now; nothing when the model knows everything. */
  async next(skills: SessionSkills): Promise<string | undefined> {
    const { revision } = skills;
    if (revision === this.#seen) return undefined;
    const entries = await this.#entries(skills);
    this.#seen = revision;
    const fresh = entries.filter(({ name, description }) => this.#told.get(name) !== digestOf(description));
    const names = new Set(entries.map(({ name }) => name));
    const gone = [...this.#told.keys()].filter((name) => !names.has(name)).sort();
    if (fresh.length === 0 && gone.length === 0) return undefined;
    const first = this.#told.size === 0;
    const listing = await this.#list(fresh);
    const record = Object.fromEntries([
      ...fresh.map(({ name, description }) => [name, digestOf(description)] as const),
      ...gone.map((name) => [name, null] as const),
    ]);
    for (const [name, digest] of Object.entries(record)) {
      if (digest === null) this.#told.delete(name);
      else this.#told.set(name, digest);
    }
    this.#session.note(LISTED, record);
    return textOf(first, listing, gone);
  }

  async #entries(skills: SessionSkills): Promise<readonly ListingEntry[]> {
    const settings = await skillSettings(this.#context);
    const entries = new Map<string, ListingEntry>();
    for (const skill of skills.catalog.skills) {
      const { name, contribution } = skill;
      const override = settings.override(skill);
      if (!contribution.modelInvocable || override === "off" || override === "user-invocable-only") continue;
      if (!skills.isOpen(skill)) continue;
      const { description, whenToUse } = contribution;
      const shown = descriptionLine(description, whenToUse, settings.maxDescriptionCharacters);
      entries.set(name, { name, description: override === "name-only" ? "" : shown, ...this.#usage.of(name) });
    }
    return [...entries.values()];
  }

  async #list(entries: readonly ListingEntry[]): Promise<Listing> {
    const settings = await skillSettings(this.#context);
    const { budget, limit } = await listingRoom(this.#context, this.#session, settings);
    const left = (characters: number): number => Math.max(0, characters - this.#spent);
    const listing = listingOf(entries, { budget: left(budget), limit: left(limit) });
    this.#spent += listing.characters;
    if (listing.trimmed.length > 0) await this.#report(listing.trimmed, budget);
    return listing;
  }

  async #report(trimmed: readonly string[], budget: number): Promise<void> {
    const some = trimmed.slice(0, 5).map((name) => `\`${name}\``);
    const more = trimmed.length > some.length ? ` and ${String(trimmed.length - some.length)} more` : "";
    const message = `descriptions of skills are over their budget of ${String(budget)} characters; listed by name only: ${some.join(", ")}${more}`;
    this.#context.log.warn(`${message}; \`skillListingBudgetFraction\` raises the budget`);
    await this.#context.emit(notification, { session: this.#session, kind: "skill-listing", message });
  }
}

function textOf(first: boolean, { lines, unlisted }: Listing, gone: readonly string[]): string {
  const listed = first
    ? "These skills can be invoked with the `Skill` tool by name:"
    : "These skills can now be invoked with the `Skill` tool by name, or have a new description:";
  const rest =
    unlisted === 0 ? [] : [`${String(unlisted)} more are too many to be named here; they can be invoked all the same.`];
  const parts = [...(lines.length === 0 ? [] : [`${listed}\n${lines.join("\n")}`]), ...rest];
  if (gone.length > 0) parts.push(`These skills are no longer there: ${gone.join(", ")}`);
  return parts.join("\n\n");
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 12);
}
