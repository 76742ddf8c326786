import { isDashboard } from "../dashboard/dashboard-path.js";
import { isSignInPage } from "../people/web/addresses.js";
import { isPublicPage } from "../rest/pages/public-pages.js";
import type { Needed } from "./roles.js";

type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
type Rows = Readonly<Partial<Record<Method, Needed>>>;

/** The least role of each route over plain HTTP, as routes are written where they are added. HEAD is as GET. */
const ROUTES: Readonly<Record<string, Rows>> = {
  "/audit.csv": { GET: "admin" },
  "/audit.jsonl": { GET: "admin" },
  "/.well-known/jwks.json": { GET: "anyone" },
  "/batches/:batchId/manifest.csv": { GET: "viewer" },
  "/batches/:batchId/manifest.jsonl": { GET: "viewer" },
  "/batches/:batchId/outputs.zip": { GET: "viewer" },
  "/batches/:batchId/posters/:combinationId": { GET: "viewer" },
  "/events/:batchId": { GET: "viewer" },
  "/session": { POST: "anyone", DELETE: "anyone" },
  "/sign-in/:provider": { GET: "anyone" },
  "/sign-in/:provider/callback": { GET: "anyone" },
  "/sign-in/:provider/logout": { POST: "anyone" },
  "/sign-out": { POST: "anyone" },
  "/sources": { GET: "viewer", PUT: "editor", POST: "editor" },
  "/sources/": { POST: "editor" },
  "/sources/*": { PUT: "editor" },
  "/sources/:sha256": { GET: "viewer", DELETE: "admin" },
  "/sources/:sha256/content": { GET: "viewer" },
  "/usage.csv": { GET: "viewer" },
  "/uploads": { POST: "editor" },
  "/uploads/": { POST: "editor" },
  "/uploads/:tenant/:id": { GET: "editor", POST: "editor", PATCH: "editor", DELETE: "editor" },
  "/uploads/presigned": { POST: "editor" },
  "/uploads/presigned/": { POST: "editor" },
  "/uploads/presigned/:tenant/:id": { GET: "editor", DELETE: "editor" },
  "/uploads/presigned/:tenant/:id/complete": { POST: "editor" },
};

/** Those of the REST layer, below `/api/v1`, some of them also at the root. */
const REST: Readonly<Record<string, Rows>> = {
  "/health": { GET: "anyone" },
  "/jobs": { POST: "editor" },
  "/jobs/:job_id": { GET: "viewer" },
  "/jobs/:job_id/download": { GET: "viewer" },
  "/jobs/:job_id/retry": { POST: "editor" },
  "/media": { POST: "editor" },
  "/media/:media_id/artifacts": { GET: "viewer" },
  "/stats": { GET: "viewer" },
  "/upload": { POST: "editor" },
  "/videos": { GET: "viewer" },
  "/videos/:id": { DELETE: "admin" },
  "/videos/:id/download": { GET: "viewer" },
  "/videos/:id/metadata": { GET: "viewer" },
  "/videos/:id/status": { GET: "viewer" },
  "/videos/upload": { POST: "editor" },
};

/** Every route over plain HTTP with its least role. */
export const routes: readonly { readonly method: Method; readonly url: string; readonly needed: Needed }[] = [
  ...Object.entries(ROUTES),
  ...Object.entries(REST).map(([url, rows]) => [`/api/v1${url}`, rows] as const),
].flatMap(([url, rows]) => Object.entries(rows).map(([method, needed]) => ({ method: method as Method, url, needed })));

/** The least role of a route. Throws an Error for one that the tables lack: it is noticed when the route is added. */
export function neededAt(method: string, url: string): Needed {
  // What a server can do is no secret: https://tus.io/protocols/resumable-upload#options
  if (method === "OPTIONS" || isPublicPage(url) || isSignInPage(url) || isDashboard(url)) return "anyone";
  const rows = ROUTES[url] ?? REST[url.replace(/^\/api\/v1(?=\/)/, "")];
  const needed = rows?.[(method === "HEAD" ? "GET" : method) as Method];
  if (needed === undefined) throw new Error(`${method} ${url} has no role in route-roles.ts`);
  return needed;
}
