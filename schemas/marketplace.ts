export { readCatalog } from "./catalog.ts";
export type { Catalog } from "./catalog.ts";
export { entryNamed } from "./catalog-snapshot.ts";
export { resolveRename } from "./catalog-renames.ts";
export { validateCatalog } from "./catalog-validate.ts";
