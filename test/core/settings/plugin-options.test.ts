import { describe, expect, it } from "vitest";
import { pluginOptions } from "../../../core/settings/plugin-options.ts";
import type { LayeredValue, UserOption } from "../../../plugin-api/index.ts";
import { canary } from "../../support/canary.ts";

const option = (more: Partial<UserOption> = {}): UserOption => ({
  type: "string",
  title: "Title",
  description: "d",
  required: false,
  sensitive: false,
  multiple: false,
  ...more,
});

function layer(name: LayeredValue["layer"], options: unknown, id = "fmt@acme"): LayeredValue {
  return { layer: name, file: `/${name}.json`, value: { [id]: { options } } };
}

function read(declared: Readonly<Record<string, UserOption>>, layers: readonly LayeredValue[]) {
  return pluginOptions("fmt@acme", declared, { layers: (key) => (key === "pluginConfigs" ? layers : []) });
}

describe("the options of a plugin", () => {
  it("come from managed, flags and user, the strongest first, else from the manifest", () => {
    const declared = { a: option(), b: option(), c: option(), d: option({ default: "d" }), e: option() };
    const { value, diagnostics } = read(declared, [
      layer("managed", { a: "m" }),
      layer("flags", { a: "f", b: "f" }),
      layer("user", { a: "u", b: "u", c: "u" }),
      layer("user", { e: "other" }, "other@acme"),
    ]);
    expect([value, diagnostics]).toEqual([{ a: "m", b: "f", c: "u", d: "d" }, []]);
  });

  it("are not set by a repository, which is said", () => {
    const { value, diagnostics } = read({ a: option() }, [layer("local", { a: "l" }), layer("project", { a: "p" })]);
    expect([value, diagnostics.map(({ code, file }) => [code, file])]).toEqual([
      {},
      [
        ["W_SETTING", "/local.json"],
        ["W_SETTING", "/project.json"],
      ],
    ]);
  });

  it("have no default that does not fit", () => {
    const { value, diagnostics } = read({ a: option({ type: "number", default: "3", required: true }) }, []);
    expect([value, diagnostics.map(({ hint }) => hint)]).toEqual([
      {},
      ["`plugin config set fmt@acme a` sets it: Title"],
    ]);
  });

  it("hold no secret, neither from a file nor from the manifest", () => {
    const declared = { token: option({ sensitive: true, default: "x", required: true }) };
    const { value, diagnostics } = read(declared, [layer("user", { token: canary() })]);
    expect([value, JSON.stringify(diagnostics).includes(canary())]).toEqual([{}, false]);
    expect(diagnostics).toMatchObject([{ code: "W_SETTING", message: expect.stringContaining("keychain") }]);
  });

  const values: readonly (readonly [name: string, option: Partial<UserOption>, good: unknown, bad: unknown])[] = [
    ["text", {}, "a", 1],
    ["directory", { type: "directory" }, "/a", ["/a"]],
    ["file", { type: "file" }, "~/a", null],
    ["number", { type: "number" }, 1.5, "1"],
    ["number in bounds", { type: "number", min: 2, max: 4 }, 4, 5],
    ["number from a bound", { type: "number", min: 2 }, 2, 1],
    ["switch", { type: "boolean" }, false, "false"],
    ["list", { multiple: true }, ["a", "b"], "a"],
    ["list of texts", { multiple: true }, [], [1]],
    ["choice", { options: ["a", "b"] }, "b", "c"],
  ];
  it.each(values)("take a %s that fits and no other", (_name, more, good, bad) => {
    const declared = { a: option({ ...more, default: "default" }) };
    expect(read(declared, [layer("user", { a: good })])).toEqual({ value: { a: good }, diagnostics: [] });
    const { value, diagnostics } = read(declared, [layer("flags", { a: bad }), layer("user", { a: good })]);
    expect([value, diagnostics]).toMatchObject([{ a: good }, [{ code: "W_SETTING", file: "/flags.json" }]]);
  });

  it("name what is required and unset, and what nobody declared", () => {
    const { value, diagnostics } = read({ a: option({ required: true }) }, [layer("user", { constructor: "x", b: 1 })]);
    expect(value).toEqual({});
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "option `constructor` of `fmt@acme` has no effect here: the plugin declares no such option",
      "option `b` of `fmt@acme` has no effect here: the plugin declares no such option",
      "option `a` of `fmt@acme` is required and has no value",
    ]);
  });

  it("survive any value in the place of options", () => {
    for (const value of [undefined, null, 1, "x", [], { "fmt@acme": 1 }, { "fmt@acme": { options: [] } }]) {
      expect(read({ a: option({ default: "d" }) }, [{ layer: "user", file: "/u", value }]).value).toEqual({ a: "d" });
    }
  });
});
