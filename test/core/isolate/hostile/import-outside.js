/** Imports code that lies outside. */
export const attack = async ({ outside }) => (await import(`${outside}/module.mjs`)).value;
