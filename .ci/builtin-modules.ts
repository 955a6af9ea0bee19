import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";
import { lazily } from "./lazy-modules.ts";

/** Modules of Node of which we use functions only; loading one costs 1 to 5 ms. */
const LAZY_BUILTINS: ReadonlySet<string> = new Set([
  "node:child_process",
  "node:crypto",
  "node:readline",
  "node:timers/promises",
  "node:tty",
]);

/** Source that holds of a module of Node what is imported; what is not imported falls away when it is bundled. */
function standIn(name: string): string {
  const load = `process.getBuiltinModule(${JSON.stringify(name)})`;
  const members = Object.keys(process.getBuiltinModule(name) ?? {}).filter((key) => /^[a-z]\w*$/iu.test(key));
  if (LAZY_BUILTINS.has(name)) {
    return lazily(
      members.filter((key) => /^[a-z]/u.test(key)),
      load,
    );
  }
  const constants = members
    .filter((key) => key !== "default")
    .map((key) => `export const ${key} = /* @__PURE__ */ member(${JSON.stringify(key)});`);
  return [
    `const module = /* @__PURE__ */ ${load};`,
    "const member = (key) => module[key];",
    "export default module;",
    ...constants,
  ].join("\n");
}

/**
 * Modules of Node by `process.getBuiltinModule`: an `import` of `node:fs` reads every export once, which loads
 * streams and promises (4 ms) that nobody asked for.
 */
export const builtins: Plugin = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    const names = new Set(builtinModules);
    onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z_]+)*$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/u, "");
      if (!path.startsWith("node:") && !names.has(name)) return undefined;
      return { path: `node:${name}`, namespace: kind === "require-call" ? "required-builtin" : "builtin" };
    });
    onLoad({ filter: /^/, namespace: "builtin" }, ({ path }) => ({ contents: standIn(path) }));
    onLoad({ filter: /^/, namespace: "required-builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
