/** The registry that everybody has; a lock that names none means it. */
export const PUBLIC_REGISTRY = "https://registry.npmjs.org/";
