import { access, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import { PolyreelError } from "@polyreel/platform";
import type { FastifyReply } from "fastify";
import type { WebApp } from "../web/web-app.js";
import { DASHBOARD } from "./dashboard-path.js";

/** Nothing but the page's own files, and media and calls of this gateway. Players of segments feed videos by blobs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page's assets have the hash of their content in their names. */
const ASSETS = `${DASHBOARD}assets/`;
const YEAR_MS = 365 * 24 * 3600 * 1000;

/** Serves the dashboard: its files, compressed when it was built, and its one page for every address below `/ui`. */
export const dashboardRoutes =
  (page = fileURLToPath(import.meta.resolve("@polyreel/web/dist/index.html"))) =>
  async (app: WebApp): Promise<void> => {
    const isBuilt = await access(page).then(
      () => true,
      () => false,
    );
    if (isBuilt) {
      await app.register(fastifyStatic, {
        root: `${dirname(page)}/assets`,
        prefix: ASSETS,
        wildcard: true,
        index: false,
        preCompressed: true,
        immutable: true,
        maxAge: YEAR_MS,
        setHeaders: (reply) => reply.setHeader("Vary", "Accept-Encoding"),
      });
    }
    const send = async (_request: unknown, reply: FastifyReply): Promise<FastifyReply> => {
      if (!isBuilt) throw notBuilt();
      return reply
        .type("text/html; charset=utf-8")
        .headers({
          "Cache-Control": "no-cache",
          "Content-Security-Policy": POLICY,
          "Referrer-Policy": "same-origin",
        })
        .send(await readFile(page));
    };
    app.get("/ui", async (_request, reply) => reply.redirect(DASHBOARD, 308));
    app.get(DASHBOARD, send);
    app.get(`${DASHBOARD}*`, send);
  };

const notBuilt = (): PolyreelError =>
  new PolyreelError("precondition", {
    reason: "The dashboard is not built.",
    remedy: "Run `npm run build` in the project's folder, and start the gateway again.",
  });
