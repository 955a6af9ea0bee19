export { readCatalog } from "./catalog.ts";
export type { Catalog } from "./catalog.ts";
export { resolveRename } from "./catalog-renames.ts";
export { validateCatalog } from "./catalog-validate.ts";
