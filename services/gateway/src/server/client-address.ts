import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { isIPv6 } from "node:net";
import { createContextKey } from "@connectrpc/connect";
import { type Client, plainAddress } from "./forwarded.js";

type Request = IncomingMessage | Http2ServerRequest;

/** The address of a client, in the context of a call. */
export const addressKey = createContextKey("");

const clients = new WeakMap<Request, Client>();

/** Remembers a request's client while its connection is there. */
export const setClient = (request: Request, client: Client): void => void clients.set(request, client);

/** The client of a request: as trusted proxies state it, else as it is connected. */
export const clientOf = (request: Request): Client => clients.get(request) ?? connectedClient(request);

/** IP address of a request's client: as trusted proxies state it, else the connection's. Empty if that is gone. */
export const addressOf = (request: Request): string => clientOf(request).address;

/** What is at the other end of a request's connection. */
export function connectedClient({ socket }: Request): Client {
  const scheme = socket && "encrypted" in socket && socket.encrypted ? "https" : undefined;
  return { address: plainAddress(socket?.remoteAddress ?? ""), scheme };
}

/**
 * Identifies a client: its IPv4 address, also if mapped to IPv6; for IPv6 the first 64 bits, because a client has all
 * addresses below them (RFC 4291, section 2.5.4). Undefined if the connection is gone already.
 */
export function clientAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const plain = plainAddress(address);
  return isIPv6(plain) ? network(plain) : plain;
}

function network(address: string): string {
  const [before = "", after] = address.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after ? after.split(":") : [];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  return [...head, ...Array<string>(zeros).fill("0"), ...tail]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(":");
}
