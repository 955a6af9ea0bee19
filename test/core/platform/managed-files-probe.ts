/** A process of `managed-files.test.ts`: prints what it finds in the managed places. */
import { readManagedFiles } from "../../../core/platform/managed-files.ts";

console.log(JSON.stringify(readManagedFiles()));
