import { isIPv6 } from "node:net";
import { createContextKey } from "@connectrpc/connect";
import type { Handler } from "./one-port.js";

/** The address of a client, in the context of a call. */
export const addressKey = createContextKey("");

/** IP address of a request's client; empty if its connection is gone. */
export const addressOf = ({ socket }: Parameters<Handler>[0]): string => socket?.remoteAddress ?? "";

/**
 * Identifies a client: its IPv4 address, also if mapped to IPv6; for IPv6 the first 64 bits, because a client has all
 * addresses below them (RFC 4291, section 2.5.4). Undefined if the connection is gone already.
 */
export function clientAddress(address: string | undefined): string | undefined {
  if (address === undefined || !isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? network(address);
}

function network(address: string): string {
  const [before = "", after] = (address.split("%")[0] ?? "").split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after ? after.split(":") : [];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  return [...head, ...Array<string>(zeros).fill("0"), ...tail]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(":");
}
