import { isPublicPage } from "./pages/public-pages.js";

/** Whether a path is one of the REST layer, which is opened for the first of them. Pure. */
export const isRestPath = (path: string): boolean =>
  isPublicPage(path) || /^\/(api\/v1|media|upload|jobs)(\/|$)/.test(path);
