/** What the package has in one file: the program behind `plugsmith`, hosts for other programs, `plugin serve` and `plugin test`. */
export { testPlugins } from "../author/test-verb.ts";
export { createHost } from "./create-host.ts";
export { serve } from "../serve/serve.ts";
export { sessionMain } from "./main.ts";
