import { isIP } from "node:net";
import { shownUrl } from "@polyreel/planning";
import { PolyreelError, sourceError } from "@polyreel/platform";
import type { Admission } from "./admission.js";

/** Below it only the default web ports are allowed: a request could be abused to reach other services there. */
const FIRST_FREE_PORT = 1024;

/**
 * Parses and checks a URL as far as possible without resolving its host; the addresses are checked by `checkedLookup`.
 * Throws PolyreelError `invalid`, which contains only host and path.
 */
export function checkedAddress(address: string, admission: Admission): URL {
  if (!URL.canParse(address)) {
    throw new PolyreelError("invalid", {
      reason: "The address can't be read as a URL.",
      remedy: "Use a complete URL, such as https://media.example/hook.mp4.",
    });
  }
  // URL normalises unusual numeric hosts (0x7f.1, 2130706433) to plain addresses.
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new PolyreelError("invalid", {
      reason: `Sources are fetched over http and https, not ${url.protocol.slice(0, -1)}.`,
      remedy: "Use an address that starts with https://.",
    });
  }
  if (url.username || url.password) {
    throw new PolyreelError("invalid", {
      reason: `The address of ${shownUrl(url)} contains a user or password.`,
      remedy: "Use a signed URL, or put the file in the store.",
    });
  }
  if (url.port !== "" && Number(url.port) < FIRST_FREE_PORT) {
    throw new PolyreelError("invalid", {
      reason: `${shownUrl(url)}: port ${url.port} is not allowed for sources.`,
      remedy: `Serve it on port 80, 443, or ${FIRST_FREE_PORT} and above.`,
    });
  }
  // Connecting to an address involves no look-up, so it is checked here.
  const host = hostOf(url);
  if (isIP(host) !== 0 && !admission.admits(host, host)) throw pointsInside(shownUrl(url));
  return url;
}

/** The host without the brackets of IPv6. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1");

/** Does not contain the resolved address: names of an inner network must not be disclosed. */
export const pointsInside = (shown: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${shown} points into an inner network, which sources are not fetched from.`,
    remedy: "Put the file in the store, or have its host or network added to POLYREEL_FETCH_ALLOW.",
  });

/** The target of a redirect. Throws PolyreelError `invalid` if it is not allowed. */
export function redirectTarget(from: URL, location: string, admission: Admission): URL {
  if (!URL.canParse(location, from.href)) {
    throw sourceError({
      reason: `${shownUrl(from)} redirects to an address that can't be read.`,
      remedy: "Use the address of the file itself.",
    });
  }
  const target = checkedAddress(new URL(location, from.href).href, admission);
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw sourceError({
      reason: `${shownUrl(from)} redirects from https to http, where the file could be changed in transit.`,
      remedy: "Use an address that keeps https.",
    });
  }
  return target;
}
