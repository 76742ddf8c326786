import type { FastifyReply, FastifyRequest } from "fastify";
import { narrowed } from "../../call/call.js";
import { callOf } from "../../web/web-app.js";
import { noUpload } from "../upload.js";

const ID = /^[0-9a-f]{32}$/;

interface UploadTarget {
  readonly tenant: string;
  readonly id: string;
  readonly signal: AbortSignal;
}

/** The upload that a request names. Throws PolyreelError `not_found` for other tenants', too. */
export function targetOf(request: FastifyRequest, reply: FastifyReply): UploadTarget {
  const { scope, signal } = callOf(request, reply);
  const { tenant, id } = request.params as { tenant: string; id: string };
  if (!ID.test(id)) throw noUpload();
  try {
    narrowed(scope, tenant, "tenant");
  } catch {
    throw noUpload();
  }
  return { tenant, id, signal };
}
