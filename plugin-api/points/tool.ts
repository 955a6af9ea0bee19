import { defineGuardedPoint, type GuardedPoint } from "../point.ts";
import type { ToolDescriptor, ToolResult } from "../tool.ts";

/** Tools of the model; owned by `turn-loop`, guarded by `toolPermission`. */
export const toolPoint: GuardedPoint<ToolDescriptor, unknown, ToolResult> = defineGuardedPoint("plugsmith/tool");
