/** What the package has in one file: the program behind `plugsmith`, and hosts for other programs. */
export { createHost } from "./create-host.ts";
export { sessionMain } from "./main.ts";
