import { isIP } from "node:net";
import { shownUrl } from "@polyreel/planning";
import { PolyreelError, sourceError } from "@polyreel/platform";
import type { Admission } from "./admission.js";

/** Below it, only the web's own: other services listen there that a request could be made to talk to. */
const FIRST_FREE_PORT = 1024;

/**
 * A URL that may be asked as far as it tells by itself; what its name stands for is checked when it is looked up. Throws
 * PolyreelError `invalid`, which names no more than host and path.
 */
export function checkedAddress(address: string, admission: Admission): URL {
  if (!URL.canParse(address)) {
    throw new PolyreelError("invalid", {
      reason: "The address can't be read as a URL.",
      remedy: "Write it whole, such as https://media.example/hook.mp4.",
    });
  }
  // Numeric hosts in odd notations (0x7f.1, 2130706433) come out as plain addresses.
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new PolyreelError("invalid", {
      reason: `Sources are fetched over http and https, not ${url.protocol.slice(0, -1)}.`,
      remedy: "Give an address that begins with https://.",
    });
  }
  if (url.username || url.password) {
    throw new PolyreelError("invalid", {
      reason: `The address of ${shownUrl(url)} has a user or password in it.`,
      remedy: "Use a signed URL, or put the file in the store.",
    });
  }
  if (url.port !== "" && Number(url.port) < FIRST_FREE_PORT) {
    throw new PolyreelError("invalid", {
      reason: `${shownUrl(url)}: port ${url.port} is not allowed for sources.`,
      remedy: `Serve it at port 80, 443, or one from ${FIRST_FREE_PORT} on.`,
    });
  }
  // Connecting to an address looks nothing up: it is checked here.
  const host = hostOf(url);
  if (isIP(host) !== 0 && !admission.admits(host, host)) throw pointsInside(shownUrl(url));
  return url;
}

/** The host without the brackets of IPv6. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1");

/** Says nothing of the address found: names of an inner network are not looked up for strangers. */
export const pointsInside = (shown: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${shown} points into an inner network, which sources are not fetched from.`,
    remedy: "Put the file in the store, or have its host or network added to POLYREEL_FETCH_ALLOW.",
  });

/** Where a redirect leads. Throws PolyreelError `invalid` where it may not lead there. */
export function redirectTarget(from: URL, location: string, admission: Admission): URL {
  if (!URL.canParse(location, from.href)) {
    throw sourceError({
      reason: `${shownUrl(from)} redirects to an address that can't be read.`,
      remedy: "Give the address of the file itself.",
    });
  }
  const target = checkedAddress(new URL(location, from.href).href, admission);
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw sourceError({
      reason: `${shownUrl(from)} redirects from https to http, where anybody on the way could change the file.`,
      remedy: "Give an address that stays with https.",
    });
  }
  return target;
}
