import { createHash } from "node:crypto";
import { toolSurface } from "plugsmith/plugin-api";
import type { ListedTool } from "./listed.ts";

/** The digest that a lock has of a tool. */
export function surfaceDigest(tool: ListedTool): `sha256-${string}` {
  return `sha256-${createHash("sha256").update(toolSurface(tool)).digest("hex")}`;
}
