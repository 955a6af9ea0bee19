/** What the package has in one file: the program behind `plugsmith`, hosts for other programs, and the MCP server of `plugin serve`. */
export { createHost } from "./create-host.ts";
export { serve } from "../serve/serve.ts";
export { sessionMain } from "./main.ts";
