import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { WebApp } from "../../web/web-app.js";
import { DESCRIPTION, DOCS } from "./public-pages.js";

const ABOUT = `Uploads, jobs and videos over HTTP, in the words of the services that this API replaces. Every route is below
/api/v1; those of media, files and jobs are at the root, too. Guide and examples: docs/guide/rest.md. The complete API is
gRPC, gRPC-Web and Connect: docs/api.md.

A request concerns the tenant that its header polyreel-tenant names, or the default one. Refusals are application/problem+json.`;

/** The description of the API is generated from the routes' schemas. To be called before the routes are added. */
export async function describeApi(app: WebApp): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Polyreel", version: "1.0.0", description: ABOUT, license: { name: "MIT", identifier: "MIT" } },
      servers: [{ url: "/", description: "This gateway." }],
      tags: [
        { name: "media", description: "Uploaded files, and what jobs made of them." },
        { name: "jobs", description: "Operations on uploaded files." },
        { name: "videos", description: "Videos with titles, processed as they are uploaded." },
        { name: "system", description: "Health and counts." },
      ],
      security: [{}, { bearer: [] }],
      components: {
        securitySchemes: {
          bearer: {
            type: "http",
            scheme: "bearer",
            description: "A key, where the gateway asks for one (POLYREEL_AUTH=required).",
          },
        },
      },
    },
  });
}

/**
 * Swagger UI writes style attributes; scripts are its own files alone. Not upgrade-insecure-requests: the gateway speaks
 * plain HTTP behind whatever terminates TLS.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the description, and a page that shows it and sends requests. All its assets are the gateway's own. */
export async function docsPage(app: WebApp): Promise<void> {
  app.get(DESCRIPTION, { schema: { hide: true } }, async (_request, reply) =>
    reply.header("Cache-Control", "no-cache").send(app.swagger()),
  );
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: POLICY,
    theme: { title: "Polyreel API" },
    uiConfig: {
      docExpansion: "list",
      deepLinking: true,
      tryItOutEnabled: true,
      validatorUrl: null,
      persistAuthorization: false,
    },
  });
}
