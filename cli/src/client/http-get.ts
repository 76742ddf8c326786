import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { tlsProblem } from "./tls-problem.js";
import { trustedAuthorities } from "./trusted-authorities.js";

/**
 * Sends a request without a body; unlike `fetch`, with the authorities of POLYREEL_CA. Throws ProblemsError if TLS
 * fails, and otherwise what the connection threw.
 */
export async function httpGet(url: string, signal: AbortSignal, method = "GET"): Promise<IncomingMessage> {
  const request = url.startsWith("https:")
    ? https.request(url, { method, signal, ...trustedAuthorities() })
    : http.request(url, { method, signal });
  request.end();
  try {
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return response;
  } catch (error) {
    const problem = tlsProblem(error, new URL(url).origin);
    throw problem ? new ProblemsError([problem], exitCodes.usage, { cause: error }) : error;
  }
}
