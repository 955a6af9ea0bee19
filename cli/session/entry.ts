/** What the package has in one file: the program behind `plugsmith`, hosts for other programs, and the tests of plugins. */
export { testPlugins } from "../author/test-verb.ts";
export { createHost } from "./create-host.ts";
export { sessionMain } from "./main.ts";
