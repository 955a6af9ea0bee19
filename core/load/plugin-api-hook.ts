import * as nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import type { Registration } from "../../plugin-api/disposable.ts";

/**
 * Makes the names under which plugins import the host's modules mean the host's own copies, wherever the importing file lies;
 * `modules` gives absolute paths by name. Without hooks of the module loader (before Node 22.15) only files below the host's own
 * package find them.
 */
export function provideModules(modules: Readonly<Record<string, string>>): Registration {
  // Absent in older Nodes, whatever the types say; a named import would fail there.
  const registerHooks: typeof nodeModule.registerHooks | undefined = nodeModule.registerHooks;
  if (registerHooks === undefined) return { dispose: () => undefined };
  const hooks = registerHooks({
    resolve: (specifier, parent, nextResolve) => {
      const file = Object.hasOwn(modules, specifier) ? modules[specifier] : undefined;
      return file === undefined
        ? nextResolve(specifier, parent)
        : { url: pathToFileURL(file).href, shortCircuit: true };
    },
  });
  return { dispose: () => hooks.deregister() };
}
