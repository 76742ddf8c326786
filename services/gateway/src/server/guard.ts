import { Code, ConnectError } from "@connectrpc/connect";
import { OUTPUT_URL_ROOT } from "@polyreel/contract";
import { isDashboard } from "../dashboard/dashboard-path.js";
import { isLinked } from "../links/link-claims.js";
import { isSignInPage } from "../people/web/addresses.js";
import { isPublicPage } from "../rest/pages/public-pages.js";
import { type HostConfig, hostName, isAllowedHost } from "./allowed-hosts.js";
import type { Handler } from "./one-port.js";
import { refuseRequest } from "./refuse-request.js";
import { pathOf } from "./router.js";
import { authoritiesOf, isSameSite } from "./same-origin.js";

type Request = Parameters<Handler>[0];

export interface GuardConfig extends HostConfig {
  /** Origins whose pages may call, in addition to the gateway's own. */
  readonly allowedOrigins: readonly string[];
}

/** Any page may link to outputs, and use signed links; reading changes nothing and is cheap. */
const READING = new Set(["GET", "HEAD"]);

/**
 * Prevents web pages from using the gateway through a visitor's browser: refuses requests with a foreign host name, and
 * all API calls by pages of foreign origins, including those by GET. Browsers enforce CORS only after such a request
 * was executed.
 */
export function withGuard(handler: Handler, config: GuardConfig): Handler {
  return (request, response) => {
    const refusal = refusalOf(request, config);
    if (refusal) refuseRequest(request, response, refusal);
    else handler(request, response);
  };
}

function refusalOf(request: Request, config: GuardConfig): ConnectError | undefined {
  const authorities = authoritiesOf(request);
  const names = authorities.map(hostName);
  if (names.length === 0 || names.includes(undefined)) {
    return new ConnectError("The request names no host, or one that is none.", Code.InvalidArgument);
  }
  const foreign = names.find((name) => name !== undefined && !isAllowedHost(name, config));
  if (foreign !== undefined) {
    return new ConnectError(
      `The gateway does not answer to the name "${foreign}". Add it to GATEWAY_ALLOWED_HOSTS if it is the gateway's.`,
      Code.PermissionDenied,
    );
  }
  if (request.method === "OPTIONS" || (READING.has(request.method ?? "") && isLinkable(request))) return undefined;
  const { origin } = request.headers;
  if (isSameSite(request) || (origin !== undefined && config.allowedOrigins.includes(origin))) return undefined;
  return foreignPage(origin === undefined ? "another origin" : JSON.stringify(origin));
}

function isLinkable(request: Request): boolean {
  const path = pathOf(request.url ?? "");
  return (
    [isPublicPage, isSignInPage, isDashboard].some((is) => is(path)) ||
    path.startsWith(OUTPUT_URL_ROOT) ||
    isLinked(request)
  );
}

const foreignPage = (origin: string): ConnectError =>
  new ConnectError(
    `Pages of ${origin} may not call the gateway. Add the origin to GATEWAY_ALLOWED_ORIGINS if they may.`,
    Code.PermissionDenied,
  );
