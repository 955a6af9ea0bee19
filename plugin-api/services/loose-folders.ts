import type { SkillContribution } from "../../schemas/plugin-manifest.ts";
import type { Contributed } from "../point.ts";
import { defineService, type Service } from "../service.ts";

/** Reads folders of loose components that are not looked at when the host boots. */
export interface LooseFolders {
  /** The skills of `.plugsmith/skills`, `.claude/skills` and `.agents/skills` in one directory below the project. */
  skillsIn(directory: string): readonly Contributed<SkillContribution>[];
}

/** Provided by core. */
export const looseFoldersService: Service<LooseFolders> = defineService("plugsmith/loose-folders");
