import { batchSchemaText } from "@polyreel/spec/batch-file";
import { BATCH_SCHEMA } from "../rest/pages/public-pages.js";
import type { WebApp } from "./web-app.js";

/** GET /batch.schema.json: the JSON Schema of batch files, for editors. */
export function schemaRoute(app: WebApp): void {
  app.get(BATCH_SCHEMA, async (_request, reply) =>
    reply.type("application/schema+json; charset=utf-8").header("Cache-Control", "no-cache").send(batchSchemaText()),
  );
}
