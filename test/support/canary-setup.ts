import { relative } from "node:path";
import { expect } from "vitest";
import { runningTest } from "./canary.ts";

runningTest.read = () => {
  const { testPath = "", currentTestName = "outside of its tests" } = expect.getState();
  return { file: relative(import.meta.dirname + "/..", testPath), name: currentTestName };
};
