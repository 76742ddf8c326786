import { createContextKey } from "@connectrpc/connect";
import { isTenant } from "@polyreel/platform/blobs";
import { rightsOf } from "../access/callers.js";
import { callerOf } from "../access/with-callers.js";
import type { Principal } from "../call/call.js";
import { TENANT_HEADER } from "../call/identify.js";
import { claimOf, isLinked } from "../links/link-claims.js";
import { traceIdOf } from "../read-model/trace-id.js";
import { addressOf } from "../server/client-address.js";
import type { Handler } from "../server/one-port.js";
import type { Action } from "./audit-entry.js";
import { describePrincipal } from "./describe-principal.js";

type Request = Parameters<Handler>[0];

/** What a request leaves in the audit log: who sends it and from where, and what is done so far. */
export class Trail {
  /** Whether its call or route records it; otherwise it was refused before. */
  isTaken = false;
  readonly #address: string;

  constructor(
    private readonly request: Request,
    /** As far as the path tells. */
    readonly action: string,
  ) {
    // Before the connection may be gone.
    this.#address = addressOf(request);
  }

  get principal(): Principal {
    const link = isLinked(this.request) ? claimOf(this.request) : undefined;
    return link ? { kind: "link", expiresAtMs: link.expiresAtMs } : callerOf(this.request);
  }

  /** The only tenant whose data the request reaches; empty: all. */
  get tenant(): string {
    const link = isLinked(this.request) ? claimOf(this.request) : undefined;
    const own = link?.tenant ?? rightsOf(this.principal).tenant;
    const header = this.request.headers[TENANT_HEADER];
    return own || (typeof header === "string" && isTenant(header) ? header : "");
  }

  /** An entry with what the request tells; `about` has the rest. */
  entry(about: Partial<Action> & Pick<Action, "outcome">): Action {
    const { headers } = this.request;
    return {
      tenant: this.tenant,
      principal: describePrincipal(this.principal),
      action: this.action,
      address: this.#address,
      userAgent: headers["user-agent"] ?? "",
      traceId: traceIdOf(headers.traceparent?.toString() ?? ""),
      ...about,
    };
  }
}

const trails = new WeakMap<object, Trail>();

/** Undefined for requests whose calls and routes are not recorded. */
export const trailOf = (request: object): Trail | undefined => trails.get(request);

/** `forHandlers`: calls and routes find it, and record the request. */
export function beginTrail(request: Request, action: string, forHandlers: boolean): Trail {
  const trail = new Trail(request, action);
  if (forHandlers) trails.set(request, trail);
  return trail;
}

/** The trail, in the context of a call. */
export const trailKey = createContextKey<Trail | undefined>(undefined);
