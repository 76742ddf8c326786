import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import type { WebApp } from "../web/web-app.js";
import { type RestCall, restCall } from "./rest-call.js";

export const BASE = "/api/v1";

export interface RestRequest extends RestCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Method = "get" | "post" | "delete";
export type RouteOptions = Pick<RouteShorthandOptions, "validatorCompiler"> & { readonly schema: object };
type Handle = (call: RestRequest) => Promise<unknown>;

/** Adds routes below BASE; with `both` also at the root, where many clients expect them. The description has them once. */
export interface Routes {
  at(method: Method, path: string, options: RouteOptions, handle: Handle): void;
  both(method: Method, path: string, options: RouteOptions, handle: Handle): void;
}

export function routesOf(app: WebApp): Routes {
  const add = (method: Method, path: string, options: RouteOptions, handle: Handle) =>
    app[method](path, options, async (request, reply) => handle({ ...restCall(request, reply), request, reply }));
  const at: Routes["at"] = (method, path, options, handle) => void add(method, BASE + path, options, handle);
  return {
    at,
    both(method, path, options, handle) {
      at(method, path, options, handle);
      add(method, path, { ...options, schema: { ...options.schema, hide: true } }, handle);
    },
  };
}

/** Fastify has checked them against the route's schema. */
export const paramsOf = <T>({ request }: RestRequest): T => request.params as T;
export const queryOf = <T>({ request }: RestRequest): T => request.query as T;
export const bodyOf = <T>({ request }: RestRequest): T => request.body as T;
