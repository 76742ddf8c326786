import type { FastifyReply, FastifyRequest } from "fastify";
import { type Call, tenantFor } from "../call/call.js";
import { TENANT_HEADER } from "../call/identify.js";
import { callOf } from "../web/web-app.js";

/** A call of the REST layer: always of one tenant, the default one if the request names none. */
export interface RestCall extends Pick<Call, "signal"> {
  readonly tenant: string;
  readonly scope: { readonly tenant: string };
}

export function restCall(request: FastifyRequest, reply: FastifyReply): RestCall {
  const { scope, signal } = callOf(request, reply);
  const tenant = tenantFor(scope, "", TENANT_HEADER);
  return { tenant, scope: { tenant }, signal };
}
