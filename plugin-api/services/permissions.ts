import { defineService, type Service } from "../service.ts";
import type { Session } from "../session.ts";

/** What tools that find files on their own ask before they show one; the gate has judged only the folder they were given. */
export interface Permissions {
  /** Whether no rule denies reading a file, given by its absolute real path. */
  mayRead(file: string, session: Session | undefined): boolean;
}

/** Provided by the built-in `permissions`. */
export const permissionsService: Service<Permissions> = defineService("plugsmith/permissions");
