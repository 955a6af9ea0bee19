import { readFileSync } from "node:fs";

/** Reads what another plugin keeps. */
export const attack = ({ otherData }) => readFileSync(otherData, "utf8");
