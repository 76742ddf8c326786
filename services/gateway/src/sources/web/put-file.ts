import { SourceOrigin } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import { tenantFor } from "../../call/call.js";
import { callOf } from "../../web/web-app.js";
import { putSource } from "../put-source.js";
import { answerOf } from "./answer.js";
import { checkedTexts } from "./checked-texts.js";
import { digestOf } from "./digest-header.js";
import { queryOf } from "./query.js";
import type { SourceRouteDeps } from "./source-routes.js";

const HASH = /^[0-9a-f]{64}$/;

/**
 * `PUT /sources/<file name>`: the body is the file. The name may be the file's SHA-256 instead, which its bytes must then
 * have. 201 for a new source, 200 for a known one.
 */
export async function putFile(deps: SourceRouteDeps, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { scope, signal } = callOf(request, reply);
  const { headers } = request;
  assertPlain(headers);
  const name = nameIn(request);
  const query = queryOf(request);
  const isHash = HASH.test(name);
  const texts = checkedTexts(deps.check, {
    fileName: isHash ? "" : name,
    title: query.one("title"),
    description: query.one("description"),
    labels: query.all("label"),
  });
  const length = headers["content-length"];
  const put = await putSource(deps, request.raw, {
    ...texts,
    tenant: tenantFor(scope, query.one("tenant"), "tenant"),
    origin: SourceOrigin.PUT,
    sha256: agreed(isHash ? name : undefined, digestOf(headers)),
    sizeBytes: length === undefined ? undefined : Number(length),
    field: "Content-Length",
    signal,
  });
  reply.code(put.known ? 200 : 201).header("Location", `/sources/${put.sha256}`);
  return answerOf(put, texts.fileName);
}

/** The last segment of the path, decoded. */
const nameIn = ({ params }: FastifyRequest): string =>
  ((params as { "*"?: string })["*"] ?? "").split("/").at(-1) ?? "";

function agreed(named: string | undefined, digest: string | undefined): string | undefined {
  if (named === undefined || digest === undefined || named === digest) return named ?? digest;
  throw new PolyreelError("invalid", {
    field: "Repr-Digest",
    reason: "The digest of the request and the hash in its path differ.",
    remedy: "Send the SHA-256 of the file in both, or leave one out.",
  });
}

/** A source is the file as it is: bodies in another form would be stored in that form. */
function assertPlain(headers: FastifyRequest["headers"]): void {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new PolyreelError("invalid", {
      field: "Content-Encoding",
      reason: `The body is encoded as ${JSON.stringify(encoding.slice(0, 80))}.`,
      remedy: "Send the file as it is, without a Content-Encoding.",
    });
  }
  if (!/^multipart\//i.test(headers["content-type"] ?? "")) return;
  throw new PolyreelError("invalid", {
    field: "Content-Type",
    reason: "The body is a form, and would be stored as such.",
    remedy: "Send forms by POST to /sources, or the file itself, as in curl -T clip.mp4.",
  });
}
