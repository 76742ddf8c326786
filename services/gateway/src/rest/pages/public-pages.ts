export const DOCS = "/docs";
export const DESCRIPTION = "/openapi.json";

/** Pages that are the same for everybody: other sites may link to them. Pure. */
export const isPublicPage = (path: string): boolean =>
  path === "/" || path === DESCRIPTION || path === DOCS || path.startsWith(`${DOCS}/`);
