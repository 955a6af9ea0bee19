import type { Resource } from "@modelcontextprotocol/sdk/types.js";
import type { Registration } from "../../plugin-api/disposable.ts";
import type { McpResource, OfferedMcpServer } from "../../plugin-api/services/mcp-servers.ts";
import { ownUri, servedUri } from "./served-uri.ts";
import { byName, protocolError, type Serving } from "./serving.ts";
import { readSkillFile, SKILL_FILES, skillFileOf } from "./skill-files.ts";

/** The protocol's own number for it. */
const RESOURCE_NOT_FOUND = -32_002;

/** What a client hears of; the caller ends it with the client. */
export interface WatchedResources {
  /** Skills or commands changed. */
  textsChanged(): void;
  close(): void;
}

/** Answers requests about resources: skills, commands, files of skills, and what MCP servers have. */
export function setResourceHandlers(serving: Serving): WatchedResources {
  const { sdk, server, client, servers, answering, watchLists } = serving;
  /** A server that is not known yet may be one whose lists are awaited. */
  const serverOf = async (uri: string) => ownUri(await servers.known(), uri) ?? ownUri(await servers.list(), uri);
  const notFound = (uri: string): Error => protocolError(RESOURCE_NOT_FOUND, `no plugin has \`${uri}\``, { uri });

  server.setRequestHandler(sdk.ListResourcesRequestSchema, (_, request) =>
    answering(request, async () => {
      const [texts, offered] = await Promise.all([client.texts(), servers.list(), watchLists()]);
      const own = [...texts.values()].sort(byName).map(({ uri, name, description }) => ({
        uri,
        name,
        description,
        mimeType: MARKDOWN,
      }));
      return {
        resources: [...own, ...offered.flatMap((one) => one.resources.map((each) => listedResource(one, each)))],
      };
    }),
  );
  server.setRequestHandler(sdk.ListResourceTemplatesRequestSchema, (_, request) =>
    answering(request, async () => {
      const [texts, offered] = await Promise.all([client.texts(), servers.list(), watchLists()]);
      const hasSkills = texts.values().some(({ kind }) => kind === "skill");
      const templates = offered.flatMap((one) =>
        one.templates.map((template) => {
          const { uri, ...facts } = listedResource(one, template);
          return { uriTemplate: uri, ...facts };
        }),
      );
      return { resourceTemplates: [...(hasSkills ? [SKILL_FILE_TEMPLATE] : []), ...templates] };
    }),
  );
  server.setRequestHandler(sdk.ReadResourceRequestSchema, ({ params: { uri } }, request) =>
    answering(request, async () => {
      const texts = await client.texts();
      const text = texts.values().find((each) => each.uri === uri);
      if (text !== undefined) {
        return { contents: [{ uri, mimeType: MARKDOWN, text: await client.document(text, request.signal) }] };
      }
      const file = skillFileOf(texts.values(), uri);
      if (file !== undefined) return { contents: [{ uri, ...readSkillFile(file, uri) }] };
      const found = await serverOf(uri);
      if (found === undefined) throw notFound(uri);
      return servers.read(found.server, found.uri, request.signal);
    }),
  );

  const watched = new Map<string, Registration | undefined>();
  const changed = (uri: string): void => serving.tell(server.sendResourceUpdated({ uri }));
  server.setRequestHandler(sdk.SubscribeRequestSchema, ({ params: { uri } }, request) =>
    answering(request, async () => {
      if (watched.has(uri)) return {};
      const texts = await client.texts();
      await watchLists();
      const isOwn = texts.values().some((text) => text.uri === uri) || skillFileOf(texts.values(), uri) !== undefined;
      const found = isOwn ? undefined : await serverOf(uri);
      if (!isOwn && found === undefined) throw notFound(uri);
      const registration =
        found && (await servers.subscribe(found.server, found.uri, () => changed(uri), request.signal));
      // Asked twice at once: the first one stays.
      if (watched.has(uri)) registration?.dispose();
      else watched.set(uri, registration);
      return {};
    }),
  );
  server.setRequestHandler(sdk.UnsubscribeRequestSchema, ({ params: { uri } }, request) =>
    answering(request, async () => {
      watched.get(uri)?.dispose();
      watched.delete(uri);
      return {};
    }),
  );
  return {
    textsChanged: () => {
      for (const [uri, registration] of watched) if (registration === undefined) changed(uri);
    },
    close: () => {
      for (const registration of watched.values()) registration?.dispose();
      watched.clear();
    },
  };
}

const MARKDOWN = "text/markdown";

const SKILL_FILE_TEMPLATE = {
  uriTemplate: SKILL_FILES,
  name: "skill-file",
  title: "File of a skill",
  description:
    "A file in a skill's folder, e.g. in its `references`, `scripts` or `assets`; `path` is relative to the folder",
};

/** Names of resources are unique in their server only. */
function listedResource(server: OfferedMcpServer, { uri, name, title, description, mediaType }: McpResource): Resource {
  return {
    uri: servedUri(server, uri),
    name: `${server.plugin.name}:${server.name}:${name}`,
    title: title ?? name,
    description,
    ...(mediaType !== undefined && { mimeType: mediaType }),
  };
}
