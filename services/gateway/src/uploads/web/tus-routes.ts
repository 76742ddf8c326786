import { PolyreelError } from "@polyreel/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import { tenantFor } from "../../call/call.js";
import type { RequestCheck } from "../../server/validate.js";
import { checkedTexts } from "../../sources/web/checked-texts.js";
import { queryOf } from "../../sources/web/query.js";
import { PROBLEM_TYPE, problem } from "../../web/problem.js";
import { callOf, type WebApp } from "../../web/web-app.js";
import { isFinished, type UploadState, type Uploads } from "../uploads.js";
import { countIn } from "./count-header.js";
import { parseMetadata } from "./upload-metadata.js";
import { targetOf } from "./upload-target.js";

const VERSION = "1.0.0";
const EXTENSIONS = "creation,creation-with-upload,termination,expiration";
const BODY_TYPE = "application/offset+octet-stream";
const HASH = /^[0-9a-f]{64}$/;

interface Deps {
  readonly uploads: Uploads;
  readonly check: RequestCheck;
}

/** Resumable uploads by the tus protocol, version 1.0: https://tus.io/protocols/resumable-upload */
export const tusRoutes = (deps: Deps) => (app: WebApp) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null)); // Bodies are streams.
  app.addHook("onRequest", async (request, reply) => {
    reply.header("Tus-Resumable", VERSION).header("Cache-Control", "no-store");
    const version = request.headers["tus-resumable"];
    if (version === VERSION || request.method === "OPTIONS" || request.method === "GET") return;
    const detail = `The request has no header Tus-Resumable: ${VERSION}. Send it, by a client of the tus protocol.`;
    return reply.code(412).header("Tus-Version", VERSION).type(PROBLEM_TYPE).send(problem(412, detail));
  });

  const { uploads } = deps;
  for (const path of ["/uploads", "/uploads/"]) {
    app.options(path, (_request, reply) => describeServer(uploads, reply));
    app.post(path, (request, reply) => begin(deps, request, reply));
  }
  const one = "/uploads/:tenant/:id";
  app.options(one, (_request, reply) => describeServer(uploads, reply));
  app.head(one, async (request, reply) => {
    const { tenant, id, signal } = targetOf(request, reply);
    return progress(uploads, reply, await uploads.find(tenant, id, signal)).send();
  });
  app.patch(one, (request, reply) => append(uploads, request, reply));
  app.delete(one, (request, reply) => end(uploads, request, reply));
  // For networks that let only GET and POST pass.
  app.post(one, (request, reply) => {
    const method = request.headers["x-http-method-override"]?.toString().toUpperCase();
    if (method === "PATCH") return append(uploads, request, reply);
    if (method === "DELETE") return end(uploads, request, reply);
    throw new PolyreelError("invalid", {
      field: "X-HTTP-Method-Override",
      reason: "POST to an upload means PATCH or DELETE, and the request names neither.",
      remedy: "Send bytes by PATCH.",
    });
  });
  app.get(one, { exposeHeadRoute: false }, async (request, reply) => {
    const { tenant, id, signal } = targetOf(request, reply);
    return plainState(await uploads.find(tenant, id, signal));
  });
};

function describeServer({ limits }: Uploads, reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .headers({
      "Tus-Version": VERSION,
      "Tus-Extension": EXTENSIONS,
      ...(Number.isFinite(limits.maxSourceBytes) && { "Tus-Max-Size": String(limits.maxSourceBytes) }),
    })
    .send();
}

async function begin({ uploads, check }: Deps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { scope, signal } = callOf(request, reply);
  const { headers } = request;
  if (headers["upload-defer-length"] !== undefined) throw deferred();
  const sizeBytes = countIn(headers, "Upload-Length");
  if (sizeBytes === 0) throw empty();
  const metadata = headers["upload-metadata"]?.toString() ?? "";
  const { tenant: named, sha256, ...texts } = textsOf(parseMetadata(metadata));
  const tenant = tenantFor(scope, queryOf(request).one("tenant") || named, "tenant");
  if (sha256 !== undefined && !HASH.test(sha256)) throw noHash();
  const info = { ...checkedTexts(check, texts), sizeBytes, metadata, sha256 };
  const id = await uploads.begin(tenant, info, signal);
  reply.code(201).header("Location", `/uploads/${tenant}/${id}`);
  const withBytes = headers["content-type"] === BODY_TYPE;
  const state = withBytes
    ? await uploads.append(tenant, id, { offset: 0, bytes: request.raw }, signal)
    : await uploads.find(tenant, id, signal);
  return progress(uploads, reply, state).code(201).send();
}

const textsOf = (metadata: ReadonlyMap<string, string>) => ({
  fileName: metadata.get("filename") ?? metadata.get("name") ?? "",
  title: metadata.get("title") ?? "",
  description: metadata.get("description") ?? "",
  labels: (metadata.get("labels") ?? "").split(",").flatMap((label) => label.trim() || []),
  tenant: metadata.get("tenant") ?? "",
  sha256: metadata.get("sha256"),
});

async function append(uploads: Uploads, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { tenant, id, signal } = targetOf(request, reply);
  const { headers } = request;
  if (headers["content-type"] !== BODY_TYPE) {
    const detail = `The body's Content-Type is not ${BODY_TYPE}. Send the bytes with that type.`;
    return reply.code(415).type(PROBLEM_TYPE).send(problem(415, detail));
  }
  const offset = countIn(headers, "Upload-Offset");
  const state = await uploads.append(tenant, id, { offset, bytes: request.raw }, signal);
  return progress(uploads, reply, state).code(204).send();
}

async function end(uploads: Uploads, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { tenant, id, signal } = targetOf(request, reply);
  await uploads.end(tenant, id, signal);
  return reply.code(204).send();
}

/** Headers that state where an upload is. */
function progress({ limits }: Uploads, reply: FastifyReply, state: UploadState): FastifyReply {
  const { offset, sizeBytes, metadata } = state;
  const expires = isFinished(state) ? Number.NaN : state.touchedAt.getTime() + limits.expiryMs;
  return reply.headers({
    "Upload-Offset": String(offset),
    "Upload-Length": String(sizeBytes),
    ...(metadata && { "Upload-Metadata": metadata }),
    ...(isFinished(state) && { [SOURCE_HEADER]: state.sha256 }),
    ...(Number.isFinite(expires) && { "Upload-Expires": new Date(expires).toUTCString() }),
  });
}

/** SHA-256 of the source that a finished upload became. */
const SOURCE_HEADER = "Polyreel-Source";

const plainState = (state: UploadState): object => ({
  offset: state.offset,
  sizeBytes: state.sizeBytes,
  finished: isFinished(state),
  ...(isFinished(state) && { sha256: state.sha256, known: state.known, source: { sha256: state.sha256 } }),
});

const deferred = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "Upload-Defer-Length",
    reason: "Uploads of unknown size are not supported.",
    remedy: "Send the size as Upload-Length; or a stream of unknown size by PUT to /sources.",
  });

const empty = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "Upload-Length",
    reason: "The file is empty.",
    remedy: "Send a file with bytes.",
  });

const noHash = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "Upload-Metadata",
    reason: "The value of sha256 is not a SHA-256.",
    remedy: "Give 64 lowercase hexadecimal digits, or leave it out.",
  });
