export { pieces } from "./prefix-cache.ts";
export type { Fault, Reply } from "./reply.ts";
export { lastResults, lastText } from "./request.ts";
export { messagesServer, type MessagesServer, type MessagesServerOptions } from "./server.ts";
