import type { CompleteRequest, CompleteResult } from "@modelcontextprotocol/sdk/types.js";
import { serverOf } from "./prompt-handlers.ts";
import type { ServedText } from "./served-texts.ts";
import { ownUri } from "./served-uri.ts";
import { protocolError, type Serving } from "./serving.ts";
import { SKILL_FILES, skillPaths } from "./skill-files.ts";

/** As many as the protocol takes. */
const MAX_VALUES = 100;

/** Answers requests for values of arguments: servers are asked, files of skills are looked up. */
export function setCompletionHandler({ sdk, server, client, servers, answering }: Serving): void {
  server.setRequestHandler(sdk.CompleteRequestSchema, ({ params }, request) =>
    answering(request, async () => {
      const { ref, argument, context } = params;
      const chosen = context?.arguments ?? {};
      const texts = await client.texts();
      if (ref.type === "ref/prompt") {
        if (texts.get(ref.name)?.isPrompt === true) return proposal([]);
        if (serverOf(ref.name, await servers.known()) !== undefined) {
          return servers.complete({ prompt: ref.name }, argument, chosen, request.signal);
        }
      } else if (ref.uri === SKILL_FILES) {
        return proposal(skillValues([...texts.values()], argument, chosen));
      } else {
        const found = ownUri(await servers.known(), ref.uri);
        if (found !== undefined) {
          const subject = { server: found.server.key, uriTemplate: found.uri };
          return servers.complete(subject, argument, chosen, request.signal);
        }
      }
      const what = ref.type === "ref/prompt" ? `prompt \`${ref.name}\`` : `resource \`${ref.uri}\``;
      throw protocolError(sdk.ErrorCode.InvalidParams, `no plugin has the ${what}`);
    }),
  );
}

function skillValues(
  texts: readonly ServedText[],
  { name, value }: CompleteRequest["params"]["argument"],
  chosen: Readonly<Record<string, string>>,
): readonly string[] {
  const places = texts.flatMap((text) => {
    const [, , plugin = "", skill = ""] = text.kind === "skill" && !text.uri.includes("?") ? text.uri.split("/") : [];
    return plugin === "" ? [] : [{ text, plugin: decodeURIComponent(plugin), skill: decodeURIComponent(skill) }];
  });
  const meant = places.filter(
    ({ plugin, skill }) =>
      (name === "plugin" || (chosen["plugin"] ?? plugin) === plugin) &&
      (name !== "path" || (chosen["skill"] ?? skill) === skill),
  );
  if (name === "path") {
    // Files of several skills at once would be nobody's.
    const [only, ...others] = meant;
    return only === undefined || others.length > 0 ? [] : skillPaths(only.text, value);
  }
  const values = meant.map((place) => (name === "plugin" ? place.plugin : place.skill));
  return [...new Set(values)].filter((each) => each.startsWith(value)).sort();
}

function proposal(values: readonly string[]): CompleteResult {
  return {
    completion: {
      values: values.slice(0, MAX_VALUES),
      total: values.length,
      hasMore: values.length > MAX_VALUES,
    },
  };
}
