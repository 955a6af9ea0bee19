import { modelPoint, settingsService, workspaceService, type PluginContext, type Session } from "plugsmith/plugin-api";
import type { ListingRoom } from "./listing.ts";
import type { Skill } from "./skill.ts";

/** What a person set for one skill (formats.md §4.5). */
export type Override = "on" | "name-only" | "user-invocable-only" | "off";

/** What settings say about skills. */
export interface SkillSettings {
  readonly maxDescriptionCharacters: number;
  readonly budgetFraction: number;
  /** Overrules the fraction. */
  readonly budgetCharacters: number | undefined;
  override(skill: Skill): Override;
}

const MAX_DESCRIPTION_CHARACTERS = 1_536;
const BUDGET_FRACTION = 0.01;
const CONTEXT_TOKENS = 200_000;
const CHARACTERS_PER_TOKEN = 4;
/** Share of the context window that no listing passes, names alone included. */
const LIMIT_FRACTION = 0.1;
const OVERRIDES: ReadonlySet<unknown> = new Set(["on", "name-only", "user-invocable-only", "off"]);

/** Reads the settings as they are at this moment. */
export async function skillSettings(context: PluginContext): Promise<SkillSettings> {
  const settings = await context.find(settingsService);
  const environment = (await context.find(workspaceService))?.environment ?? {};
  const overrides: Record<string, unknown> = {};
  for (const { value } of settings?.layers("skillOverrides").toReversed() ?? []) {
    if (typeof value === "object" && value !== null) Object.assign(overrides, value);
  }
  const own = positive(settings?.get("skillListingMaxDescChars"));
  const fraction = positive(settings?.get("skillListingBudgetFraction"));
  return {
    maxDescriptionCharacters: own ?? MAX_DESCRIPTION_CHARACTERS,
    budgetFraction: Math.min(fraction ?? BUDGET_FRACTION, 1),
    budgetCharacters: positive(Number(environment["SLASH_COMMAND_TOOL_CHAR_BUDGET"] ?? Number.NaN)),
    override: ({ name, plugin }) => {
      const value = plugin.tier === "loose" && Object.hasOwn(overrides, name) ? overrides[name] : undefined;
      return isOverride(value) ? value : "on";
    },
  };
}

/** Characters that the listings of a session may have, by the context window of its model; what a person sets counts above the limit too. */
export async function listingRoom(
  context: PluginContext,
  session: Session,
  { budgetCharacters, budgetFraction }: SkillSettings,
): Promise<ListingRoom> {
  const characters = ((await contextWindow(context, session)) ?? CONTEXT_TOKENS) * CHARACTERS_PER_TOKEN;
  const budget = budgetCharacters ?? Math.floor(characters * budgetFraction);
  return { budget, limit: Math.max(budget, Math.floor(characters * LIMIT_FRACTION)) };
}

async function contextWindow(context: PluginContext, session: Session): Promise<number | undefined> {
  const providers = await context.read(modelPoint).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "E_POINT_UNKNOWN") return undefined;
    throw error;
  });
  const wanted = session.turn.model ?? session.options.model;
  for (const { value } of providers?.all() ?? []) {
    const model = wanted === undefined ? value.defaultModel : (value.aliases[wanted] ?? wanted);
    if (model !== undefined && value.serves(model)) return value.contextWindow(model);
  }
  return undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && Number.isFinite(value) ? value : undefined;
}

function isOverride(value: unknown): value is Override {
  return OVERRIDES.has(value);
}
