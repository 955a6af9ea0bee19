import { readFileSync } from "node:fs";

/** Follows a link in the folder that it was granted. */
export const attack = ({ link }) => readFileSync(link, "utf8");
