export const DOCS = "/docs";
export const DESCRIPTION = "/openapi.json";
export const BATCH_SCHEMA = "/batch.schema.json";

const PAGES: ReadonlySet<string> = new Set(["/", DESCRIPTION, BATCH_SCHEMA, DOCS]);

/** Pages that are the same for everybody: other sites may link to them. Pure. */
export const isPublicPage = (path: string): boolean => PAGES.has(path) || path.startsWith(`${DOCS}/`);
