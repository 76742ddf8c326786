export const SIGN_IN = "/sign-in";
export const SET_PASSWORD = "/set-password";

const PAGES: ReadonlySet<string> = new Set([SIGN_IN, SET_PASSWORD]);

/** Pages for people who have not signed in: other sites may link to them, and providers lead back to them. Pure. */
export const isSignInPage = (path: string): boolean => PAGES.has(path) || path.startsWith(`${SIGN_IN}/`);
