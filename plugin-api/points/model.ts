import type { Model } from "../model.ts";
import { definePoint, type Point } from "../point.ts";

/** Providers of models; owned by `turn-loop`. */
export const modelPoint: Point<Model> = definePoint("plugsmith/model");
