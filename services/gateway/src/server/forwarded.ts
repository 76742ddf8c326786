import type { IncomingHttpHeaders } from "node:http";
import { isIP, isIPv4 } from "node:net";

/** From where and how a client sent a request: by itself to the gateway, or to a proxy before it. */
export interface Client {
  /** IP address; empty if its connection was gone already. */
  readonly address: string;
  /** Undefined if unknown: a proxy that states nothing may end TLS. */
  readonly scheme?: "http" | "https" | undefined;
  /** Host, with port if it is not the scheme's, that it sent the request to, if a proxy states it. */
  readonly host?: string | undefined;
}

/** The headers contradict each other, or are malformed: a part of them may be the client's own. */
export class ForgedHeaders extends Error {}

/**
 * The client as trusted proxies state it. Follows their chain from the connection's own address: the client is the first address from the right that is
 * no trusted proxy, because everything before it was stated by the client itself. Undefined if the connection does not
 * come from a trusted proxy, or that states nothing. Throws ForgedHeaders.
 *
 * A proxy writes either X-Forwarded-For or Forwarded (RFC 7239), and passes the other one on as the client sent it: if
 * there are both, they have to agree.
 */
export function readForwarded(
  headers: IncomingHttpHeaders,
  peer: string,
  isTrusted: (address: string) => boolean,
): Client | undefined {
  if (!isTrusted(peer)) return undefined;
  const single = byXForwarded(headers, peer, isTrusted);
  const standard = byForwarded(headers, peer, isTrusted);
  if (single && standard && single.address !== standard.address) {
    throw new ForgedHeaders(
      "X-Forwarded-For and Forwarded name different clients; the proxy has to remove one of them.",
    );
  }
  return single ?? standard;
}

function byXForwarded(headers: IncomingHttpHeaders, peer: string, isTrusted: (address: string) => boolean) {
  const hops = listOf(headers["x-forwarded-for"]);
  const scheme = schemeOf(listOf(headers["x-forwarded-proto"]).at(-1));
  const host = listOf(headers["x-forwarded-host"]).at(-1);
  if (hops.length === 0 && scheme === undefined && host === undefined) return undefined;
  return { address: nextToTrusted(hops, peer, isTrusted).address, scheme, host };
}

function byForwarded(headers: IncomingHttpHeaders, peer: string, isTrusted: (address: string) => boolean) {
  const text = headers.forwarded?.toString().trim();
  if (!text) return undefined;
  const elements = parseForwarded(text);
  const hops = elements.map((element) => element.get("for") ?? "");
  const { address, hop } = nextToTrusted(hops, peer, isTrusted);
  const element = elements[hop];
  return { address, scheme: schemeOf(element?.get("proto")), host: element?.get("host") };
}

/** `hop`: the position of the client; the last one if there is none that is an address. */
function nextToTrusted(hops: readonly string[], peer: string, isTrusted: (address: string) => boolean) {
  let address = peer;
  let hop = hops.length - 1;
  for (let i = hops.length - 1; i >= 0 && isTrusted(address); i--) {
    const next = addressIn(hops[i] ?? "");
    if (next === undefined) break; // "unknown", or a name that hides it.
    address = next;
    hop = i;
  }
  return { address, hop };
}

/** An address without port ("192.0.2.7:4711", "[2001:db8::1]:4711") and without the IPv6 form of IPv4. */
function addressIn(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? [];
  const bare = bracketed ?? (/^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(":")) : text);
  return isIP(bare) === 0 ? undefined : plainAddress(bare);
}

/** Without the IPv6 form of an IPv4 address, and without the interface of a link-local one. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped && isIPv4(mapped) ? mapped : address.replace(/%.*$/, "");
}

const listOf = (header: string | string[] | undefined): string[] =>
  (header?.toString() ?? "").split(",").flatMap((one) => one.trim() || []);

function schemeOf(text: string | undefined): "http" | "https" | undefined {
  const scheme = text?.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : undefined;
}

const VALUE = String.raw`(?:[\w!#$%&'*+.^${"`"}|~:[\]-]+|"(?:[^"\\]|\\.)*")`;
const PAIR = new RegExp(String.raw`\s*([A-Za-z-]+)=(${VALUE})\s*(;|,|$)`, "y");

/**
 * The elements of Forwarded. Strictly: in a lenient reading, a quote that a client left open would swallow what the proxy
 * appended. Unquoted addresses with port or brackets are accepted, as some proxies write them.
 */
function parseForwarded(text: string): Map<string, string>[] {
  const elements = [new Map<string, string>()];
  for (let at = 0; at < text.length; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const [, name = "", value = "", end] = PAIR.exec(text) ?? [];
    if (name === "") throw new ForgedHeaders("The header Forwarded is malformed.");
    elements
      .at(-1)
      ?.set(name.toLowerCase(), value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value);
    if (end === ",") elements.push(new Map());
  }
  return elements;
}
