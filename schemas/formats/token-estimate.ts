import type { PluginManifest } from "../plugin-manifest.ts";

/** Characters per token, the usual rule of thumb for English text. */
const CHARACTERS_PER_TOKEN = 4;

/** What a listing shows of one skill or command at most (formats.md §4.5). */
const LISTED_DESCRIPTION_LENGTH = 1536;

/**
 * Tokens that the plugin costs in every session before anything is used: full name and description of what is listed to the
 * model (skills and commands that it may invoke, agents, output styles), 4 characters a token, rounded up once.
 */
export function tokenEstimate(manifest: PluginManifest): number {
  let characters = 0;
  for (const contribution of manifest.contributions) {
    const prefix = manifest.name.length + 1;
    switch (contribution.kind) {
      case "skill":
        if (contribution.modelInvocable)
          characters += prefix + contribution.name.length + listed(contribution.description, contribution.whenToUse);
        break;
      case "command":
        if (contribution.fields["disableModelInvocation"] !== true)
          characters +=
            prefix + contribution.name.length + listed(contribution.description, contribution.fields["whenToUse"]);
        break;
      case "agent":
        characters += prefix + contribution.name.length + contribution.description.length;
        break;
      case "output-style":
        characters += prefix + contribution.name.length + (contribution.description?.length ?? 0);
        break;
      default:
    }
  }
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

function listed(description: string, whenToUse: unknown): number {
  return Math.min(
    LISTED_DESCRIPTION_LENGTH,
    description.length + (typeof whenToUse === "string" ? whenToUse.length : 0),
  );
}
