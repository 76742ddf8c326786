import { Ajv } from "ajv";
import { Refusal } from "../../web/refusal.js";
import type { WebApp } from "../../web/web-app.js";
import { explainMistake } from "./explain-mistake.js";

// Fastify's own settings would drop unknown fields and convert bodies; here a mistake in a body is one. Parameters are text,
// and so converted. Schemas also carry what only the API's description needs.
const settings = { strict: false, verbose: true, allErrors: false } as const;
const bodies = new Ajv(settings);
const parameters = new Ajv({ ...settings, coerceTypes: true, useDefaults: true });

/** Requests of these routes are validated by their schemas; mistakes are explained in their own words. */
export function validateRequests(app: WebApp): void {
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === "body" ? bodies : parameters).compile(schema as object),
  );
  app.setSchemaErrorFormatter((errors, part) => explainMistake(errors as Parameters<typeof explainMistake>[0], part));
  // Form fields are read as the body arrives.
  app.addContentTypeParser("multipart/form-data", (_request, _payload, done) => done(null));
  app.addContentTypeParser("*", (request, _payload, done) => done(notJson(request.headers["content-type"])));
}

const notJson = (type = ""): Refusal =>
  new Refusal(415, {
    field: "Content-Type",
    reason: `The body is ${JSON.stringify(type.slice(0, 100))}, and JSON is expected.`,
    remedy: "Send it with Content-Type: application/json.",
  });
