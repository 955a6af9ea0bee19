import { expect, it } from "vitest";
import { sandbox } from "../cli/sandbox.ts";

it("installs neither of two entries whose names count as the same", () => {
  using box = sandbox();
  box.run(["marketplace", "add", box.market("acme", { my_plugin: {}, "my-plugin": {} })]);
  for (const name of ["my_plugin", "my-plugin"]) {
    const run = box.run(["add", `${name}@acme`, "--yes"]);
    expect(run.status).not.toBe(0);
    expect(run.stderr).toContain("E_AMBIGUOUS");
  }
});

it("adds no plugin beside another whose name counts as the same", () => {
  using box = sandbox();
  box.run(["marketplace", "add", box.market("acme", { my_plugin: {} })]);
  expect(box.run(["add", "my_plugin@acme", "--yes"]).status).toBe(0);
  box.market("acme", { "My-Plugin": {} });
  box.run(["marketplace", "update", "acme"]);
  const run = box.run(["add", "My-Plugin@acme", "--yes"]);
  expect(run.status).not.toBe(0);
  expect(run.stderr).toContain("E_AMBIGUOUS");
  expect(run.stderr).toContain("`my_plugin@acme`, which is here already");
  expect(box.run(["add", "my_plugin@acme", "--yes"]).stderr).not.toContain("E_AMBIGUOUS");
});
