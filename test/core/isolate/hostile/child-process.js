import { execFileSync } from "node:child_process";

/** Lets a program read for it. */
export const attack = ({ secretFile }) => execFileSync("/bin/cat", [secretFile], { encoding: "utf8", stdio: "pipe" });
