import { PolyreelError } from "@polyreel/platform";
import { nearest } from "@polyreel/spec";
import type { FastifyReply, FastifyRequest } from "fastify";
import { tenantFor } from "../../call/call.js";
import type { RequestCheck } from "../../server/validate.js";
import { answerOf } from "../../sources/web/answer.js";
import { checkedTexts } from "../../sources/web/checked-texts.js";
import { callOf, type WebApp } from "../../web/web-app.js";
import type { OpenDirectUpload } from "../direct/direct-uploads.js";
import type { FinishedUpload } from "../upload.js";
import type { Uploads } from "../uploads.js";
import { targetOf } from "./upload-target.js";

const ROOT = "/uploads/presigned";
const HASH = /^[0-9a-f]{64}$/;
const FIELDS = ["fileName", "sizeBytes", "sha256", "title", "description", "labels", "tenant"];

interface Deps {
  readonly uploads: Uploads;
  readonly check: RequestCheck;
}

/**
 * Uploads straight to the store's bucket: `POST /uploads/presigned` answers with a link for each part, to which the client sends
 * it by PUT; then it completes the upload.
 */
export const presignedRoutes =
  ({ uploads: { direct }, check }: Deps) =>
  (app: WebApp) => {
    // A request to complete an upload has no body, whatever type its client states.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    app.addHook("onRequest", async (_request, reply) => void reply.header("Cache-Control", "no-store"));
    const one = `${ROOT}/:tenant/:id`;

    for (const path of [ROOT, `${ROOT}/`]) {
      app.post(path, async (request, reply) => {
        const { scope, signal } = callOf(request, reply);
        const { tenant: named, sizeBytes, sha256, ...texts } = readBeginning(request.body);
        const tenant = tenantFor(scope, named, "tenant");
        const info = { ...checkedTexts(check, texts), sizeBytes, sha256 };
        const begun = await direct.begin(tenant, info, signal);
        reply.code(201).header("Location", `${ROOT}/${tenant}/${begun.id}`);
        return openAnswer(tenant, begun);
      });
    }
    app.get(one, { exposeHeadRoute: false }, async (request, reply) => {
      const { tenant, id, signal } = targetOf(request, reply);
      const found = await direct.find(tenant, id, signal);
      return "missing" in found ? openAnswer(tenant, found) : finishedAnswer(found);
    });
    app.post(`${one}/complete`, async (request: FastifyRequest, reply: FastifyReply) => {
      const { tenant, id, signal } = targetOf(request, reply);
      const finished = await direct.complete(tenant, id, signal);
      reply.header("Location", `/sources/${finished.sha256}`);
      return finishedAnswer(finished);
    });
    app.delete(one, async (request, reply) => {
      const { tenant, id, signal } = targetOf(request, reply);
      await direct.end(tenant, id, signal);
      return reply.code(204).send();
    });
  };

const openAnswer = (tenant: string, { id, sizeBytes, partBytes, missing, expiresAt }: OpenDirectUpload) => ({
  ...{ id, finished: false, sizeBytes },
  parts: missing.map(({ number, sizeBytes, url }) => ({ number, offset: (number - 1) * partBytes, sizeBytes, url })),
  complete: `${ROOT}/${tenant}/${id}/complete`,
  expires: expiresAt.toISOString(),
});

const finishedAnswer = (finished: FinishedUpload) => ({
  finished: true,
  ...answerOf(finished, finished.fileName ?? ""),
});

interface Beginning {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string | undefined;
  readonly title: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly tenant: string;
}

/** Throws PolyreelError `invalid`. */
function readBeginning(body: unknown): Beginning {
  const fields = parsed(body);
  for (const name of Object.keys(fields)) {
    if (FIELDS.includes(name)) continue;
    const near = nearest(name, FIELDS);
    const remedy = near ? `Did you mean "${near}"?` : `Fields are ${FIELDS.join(", ")}.`;
    throw wrong(name.slice(0, 80), "There is no such field.", remedy);
  }
  const text = (name: string): string => {
    const value = fields[name] ?? "";
    if (typeof value !== "string") throw wrong(name, "It must be a text.", `Write it as in {"${name}": "..."}.`);
    return value;
  };
  const { sizeBytes, labels = [] } = fields;
  if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 1) {
    throw wrong("sizeBytes", "It must be the size of the file, a whole number >= 1.", 'As in {"sizeBytes": 1048576}.');
  }
  if (!Array.isArray(labels) || labels.some((label) => typeof label !== "string")) {
    throw wrong("labels", "It must be a list of texts.", 'Write it as in {"labels": ["ads"]}.');
  }
  const sha256 = text("sha256") || undefined;
  if (sha256 !== undefined && !HASH.test(sha256)) {
    throw wrong("sha256", "It is not a SHA-256.", "Give 64 lowercase hexadecimal digits, or leave it out.");
  }
  return {
    ...{ sizeBytes, sha256, labels },
    ...{ fileName: text("fileName"), title: text("title"), description: text("description"), tenant: text("tenant") },
  };
}

function parsed(body: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(body ?? ""));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below.
  }
  const remedy = 'Send it as in {"fileName": "hook-a.mp4", "sizeBytes": 1048576}.';
  throw wrong("", "The body must be a JSON object.", remedy);
}

const wrong = (field: string, reason: string, remedy: string): PolyreelError =>
  new PolyreelError("invalid", { field, reason, remedy });
