/** Loads machine code past the loader of modules. */
export function attack({ addon }) {
  process.dlopen({ exports: {} }, addon);
  return "loaded an addon";
}
