/**
 * What plugins in the wild measure, so that advice can say how far from the usual something is.
 *
 * Measured over 695 plugins of 54 public repositories with 998 skills and 269 agents: every folder with a `plugin.json` was read
 * by `readPlugin`; lengths are UTF-16 units of `description` and `when_to_use` together, tokens those of `tokenEstimate` or a
 * quarter of the bytes of a file, overlap that of `TriggerWords` for every pair of skills in one plugin (7,804 pairs).
 */
export const PERCENTILES = {
  /** A shorter description than 95 of 100 skills have. */
  skillDescriptionLow: 40,
  /** A longer one than 95 of 100 have; the median is 243. */
  skillDescriptionHigh: 669,
  agentDescriptionLow: 86,
  agentDescriptionHigh: 3_213,
  /** Tokens that a plugin costs in every session: 95 of 100 cost less; the median is 19. */
  listedTokens: 955,
  /** Tokens of a skill's own file: 95 of 100 have fewer; the median is 1,628. */
  skillTokens: 5_103,
  /** 999 of 1,000 pairs of skills in one plugin share fewer of their words. */
  overlap: 0.42,
} as const;
