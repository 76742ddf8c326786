import { isIP } from "node:net";
import { PolyreelError } from "../errors.js";
import type { Admission } from "./admission.js";
import { shownUrl } from "./shown-url.js";

/** Below it only the default web ports are allowed: a request could be abused to reach other services there. */
const FIRST_FREE_PORT = 1024;

/**
 * Parses and checks a URL as far as possible without resolving its host; the addresses are checked by `checkedLookup`.
 * Throws PolyreelError `invalid`, which contains only host and path.
 */
export function checkedAddress(address: string, admission: Admission): URL {
  const { use } = admission;
  if (!URL.canParse(address)) {
    throw new PolyreelError("invalid", {
      reason: "The address can't be read as a URL.",
      remedy: `Use a complete URL, such as ${use.example}.`,
    });
  }
  // URL normalises unusual numeric hosts (0x7f.1, 2130706433) to plain addresses.
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new PolyreelError("invalid", {
      reason: `${use.sentence} over http and https, not ${url.protocol.slice(0, -1)}.`,
      remedy: "Use an address that starts with https://.",
    });
  }
  if (url.username || url.password) {
    throw new PolyreelError("invalid", {
      reason: `The address of ${shownUrl(url)} contains a user or password.`,
      remedy: use.withoutPassword,
    });
  }
  if (url.port !== "" && Number(url.port) < FIRST_FREE_PORT) {
    throw new PolyreelError("invalid", {
      reason: `${shownUrl(url)}: port ${url.port} is not allowed for ${use.things}.`,
      remedy: `Serve it on port 80, 443, or ${FIRST_FREE_PORT} and above.`,
    });
  }
  // Connecting to an address involves no look-up, so it is checked here.
  const host = hostOf(url);
  if (isIP(host) !== 0 && !admission.admits(host, host)) throw pointsInside(shownUrl(url), admission);
  if (!use.plainHttp && url.protocol === "http:" && isIP(host) !== 0 && !admission.lists(host, host)) {
    throw needsTls(shownUrl(url), admission);
  }
  return url;
}

/** The host without the brackets of IPv6. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1");

/** Does not contain the resolved address: names of an inner network must not be disclosed. */
export const pointsInside = (shown: string, { use }: Pick<Admission, "use">): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${shown} points into an inner network, ${use.notInside}.`,
    remedy: `${use.instead}, or have its host or network added to ${use.variable}.`,
  });

/** For http where it is not allowed. */
export const needsTls = (shown: string, { use }: Pick<Admission, "use">): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${shown} is an address of http, which others can read and change on the way.`,
    remedy: `Use https, or have its host or network added to ${use.variable}.`,
  });
