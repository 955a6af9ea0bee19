/** The released version; a test holds it equal to `package.json`, which is not read at start. */
export const VERSION = "0.1.0";
