export { readCatalog } from "./catalog.ts";
export type { AmbiguousEntry, Catalog, ReadCatalogOptions } from "./catalog.ts";
export { resolveRename } from "./catalog-renames.ts";
export { validateCatalog } from "./catalog-validate.ts";
