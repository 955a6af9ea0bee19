import { EXIT } from "../exit-code.ts";
import { NO_MARKETPLACE } from "../print/list-text.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin marketplace list`. */
export const verb: Verb = {
  name: "marketplace list",
  summary: "list added marketplaces",
  positionals: [],
  flags: [],
  about: ["Shows the name, where it comes from, the revision in use and when it was fetched."],
  examples: ["plugin marketplace list", "plugin marketplace list --json"],
  run: async (context) => {
    const { catalogs } = await context.engine();
    const markets = catalogs.list();
    return {
      exit: EXIT.ok,
      data: { markets },
      text: () =>
        markets.length === 0
          ? NO_MARKETPLACE
          : [
              ...columns([
                ["name", "from", "revision", "fetched"].map(dim),
                ...markets.map((market) => [
                  bold(market.name),
                  market.identity,
                  market.revision.replace(/^sha256-/u, "").slice(0, 12),
                  market.fetchedAt.replace("T", " ").replace(/\.\d+Z$/u, "Z"),
                ]),
              ]),
              ...markets.flatMap(({ name, refreshError }) =>
                refreshError === undefined
                  ? []
                  : [`note: \`${name}\` could not be refreshed, its last good copy is used: ${refreshError}`],
              ),
            ],
    };
  },
};
