import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundle } from "../../.ci/bundle.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Directory of the bundle under test. */
    readonly bundle: string;
  }
}

/** Bundles the commands once for all end-to-end tests, so that they run what people get. */
export default async function setup(project: TestProject): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), "plugsmith-bundle-"));
  await bundle(directory);
  project.provide("bundle", directory);
  return () => rmSync(directory, { recursive: true, force: true });
}
