/** Below it is the dashboard. */
export const DASHBOARD = "/ui/";

/** The page is the same for everybody: what it shows comes by calls. Pure. */
export const isDashboard = (path: string): boolean => path === "/ui" || path.startsWith(DASHBOARD);
